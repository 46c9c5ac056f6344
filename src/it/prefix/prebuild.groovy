// What an earlier run, maybe of another Maven, has installed must not help this one.
new File(localRepositoryPath, 'io/github/slurmmaven/it/prefix').deleteDir()
return true
