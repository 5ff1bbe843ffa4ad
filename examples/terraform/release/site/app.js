document.body.append("It is live.");
