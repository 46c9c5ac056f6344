// Pyxis and enroot as this build's tests have them: a stand-in, as it cannot be known whether their
// projects can be reached.
def classes = new File(basedir, '../../../../slurm-cluster/target/test-classes/').canonicalFile
def loader = new URLClassLoader([classes.toURI().toURL()] as URL[], getClass().classLoader)
loader.loadClass('io.github.slurmmaven.image.PyxisStandIn').write(basedir.toPath().resolve('stand-in'))
