def log = new File(basedir, 'build.log').text

assert log.contains('This plugin has 1 goal:')
assert log.contains('it-prefix:help')
assert log.count('BUILD SUCCESS') == 2
