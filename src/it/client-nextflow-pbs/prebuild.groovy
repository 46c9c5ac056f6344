import java.nio.file.Files
import java.nio.file.attribute.PosixFilePermissions

// The cluster's user writes here, too, whoever builds.
def work = new File(basedir, 'target/work').toPath()
Files.createDirectories(work)
Files.setPosixFilePermissions(work, PosixFilePermissions.fromString('rwxrwxrwx'))
return true
