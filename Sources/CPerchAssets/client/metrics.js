// What the pages of metrics add in the browser.
