package it;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ContainerJobsIT {

  private static final String IMAGE = System.getProperty("slurm.image.app");

  private static Login login;

  @BeforeAll
  static void logIn() throws Exception {
    login = Login.to(System.getProperties());
  }

  @AfterAll
  static void logOut() throws Exception {
    login.close();
  }

  private static String submit(String name, String options, String body) throws Exception {
    login.write(
        name + ".sh",
        """
        #!/bin/sh
        #SBATCH --container-image=%s
        #SBATCH --output=%s-%%a.out
        #SBATCH --array=0
        %s
        %s
        """
            .formatted(IMAGE, name, options, body));
    return login.run("sbatch --parsable " + name + ".sh");
  }

  @Test
  void theProjectsImageHasAName() {
    assertThat(IMAGE)
        .isEqualTo("registry:5000/it/app:1")
        .isEqualTo(System.getProperty("fromTheProject.image"));
  }

  @Test
  void basicContainerJob() throws Exception {
    login.await(submit("hello", "", "echo \"$GREETING $SLURMD_NODENAME\""), "COMPLETED");

    assertThat(login.read("hello-0.out")).contains("Hello from cpu-");
  }

  @Test
  void imageThatWasLoadedLaterHasANameToo() throws Exception {
    String image = System.getProperty("slurm.image.debian");

    assertThat(login.run("srun --container-image=" + image + " cat /etc/debian_version"))
        .startsWith("12.");
  }

  @Test
  void imageHasItsDependencies() throws Exception {
    login.await(submit("sum", "", "perl -MSum -e 'print Sum::of(1, 2, 3)'"), "COMPLETED");

    assertThat(login.read("sum-0.out")).contains("6");
  }

  @Test
  void arrayOfFive() throws Exception {
    String job =
        submit("array", "#SBATCH --array=1-5", "perl -e 'print $ENV{SLURM_ARRAY_TASK_ID} * 2'");
    login.await(job, "COMPLETED");

    for (int item = 1; item <= 5; item++) {
      assertThat(login.read("array-" + item + ".out")).contains(String.valueOf(item * 2));
    }
  }

  @Test
  void mountsForWritingAndReading() throws Exception {
    login.run("mkdir -p in out && echo 'test data' > in/input.txt");
    String job =
        submit(
            "mounts",
            "#SBATCH --container-mounts=/home/slurm/in:/data:ro,/home/slurm/out:/out",
            "cp /data/input.txt /out/ && ! touch /data/input.txt");
    login.await(job, "COMPLETED");

    assertThat(login.read("out/input.txt")).isEqualTo("test data");
  }

  @Test
  void twoNodesAtOnce() throws Exception {
    assertThat(
            login
                .run(
                    "srun --quiet --nodes=2 --container-image="
                        + IMAGE
                        + " sh -c 'echo $GREETING $SLURMD_NODENAME'")
                .lines())
        .hasSize(2)
        .doesNotHaveDuplicates()
        .allMatch(line -> line.startsWith("Hello from cpu-"));
  }

  @Test
  void exitCodeIsTheJobs() throws Exception {
    String job = submit("fails", "", "exit 7");
    login.await(job, "FAILED");

    assertThat(login.run("scontrol show job " + job)).contains("ExitCode=7:0");
  }

  @Test
  void scancelEndsTheContainer() throws Exception {
    String job = submit("long", "", "sleep 600");
    login.await(job, "RUNNING");
    login.run("scancel " + job);

    login.await(job, "CANCELLED");
  }

  @Test
  void ordinaryJobsStayOutside() throws Exception {
    assertThat(login.run("srun sh -c 'echo \"$GREETING\" $(ls /usr/local/lib/site_perl 2>&1)'"))
        .contains("No such file");
  }

  @Test
  void imageThatIsNotThereIsTheRegistrysWord() throws Exception {
    assertThat(
            login.run(
                "srun --container-image=registry:5000/it/nothing:1 true 2>&1 || true"))
        .contains("registry:5000/it/nothing:1: the registry says: manifest unknown");
  }
}
