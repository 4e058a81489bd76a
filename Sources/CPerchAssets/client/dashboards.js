// What the pages of dashboards add in the browser.
