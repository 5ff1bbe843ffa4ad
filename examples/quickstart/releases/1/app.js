document.title = 'release 1';
