document.title = "Site, release 1"
