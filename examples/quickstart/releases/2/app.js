document.title = 'release 2';
