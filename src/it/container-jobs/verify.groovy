def log = new File(basedir, 'build.log').text

assert log.contains('Building image it/app:1 from ')
assert log.contains('Jobs can use registry:5000/it/app:1 (slurm.image.app) after ')
assert log.contains('make user namespaces and mounts; where the host has AppArmor, they run without its profile')
assert log.contains('a job ran in a container on every node')
assert !new File(basedir, '.slurm-cluster/it-container-jobs').exists()
