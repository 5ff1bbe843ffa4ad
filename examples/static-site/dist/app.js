document.querySelector('h1').title = 'Green or black';
//# sourceMappingURL=app.js.map
