def log = new File(basedir, 'build.log').text

assert log.count('BUILD SUCCESS') == 5
assert log.count('Skipped.') == 8
['skipITs', 'skipTests', 'maven.test.skip'].each {
    assert log.count("Skipped like the tests, because of ${it}.") == 4
}
assert !new File(basedir, '.slurm-cluster').exists()
