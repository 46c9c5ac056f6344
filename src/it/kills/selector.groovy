// Signals are sent, and their handling is set, as Linux does it.
return System.getProperty('os.name') == 'Linux'
