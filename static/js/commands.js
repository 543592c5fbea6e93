// commands.js: placeholder of the command menu's keys; filled in below
