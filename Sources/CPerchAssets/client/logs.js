// What the pages of logs add in the browser.
