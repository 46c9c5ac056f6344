import io.github.slurmmaven.plugin.EngineContents
import io.github.slurmmaven.plugin.KilledBuilds

assert EngineContents.below(basedir) == []
assert !new File(basedir, '.slurm-cluster').exists()

def mvn = ["${System.getProperty('maven.home')}/bin/mvn".toString(), '-o', '-B',
           '-s', new File(basedir, '../interpolated-settings.xml').canonicalPath,
           "-Dmaven.repo.local=${localRepositoryPath}".toString()]
new KilledBuilds(basedir.toPath(), mvn, plugin.toString()).run()
