def log = new File(basedir, 'build.log').text

assert log.count('BUILD SUCCESS') == 2
assert log.count('Skipped.') == 8
assert !new File(basedir, '.slurm-cluster').exists()
