// What the pages of traces add in the browser.
