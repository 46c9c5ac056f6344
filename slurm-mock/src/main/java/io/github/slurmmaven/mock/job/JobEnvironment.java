/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.mock.job;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The variables that Slurm sets in a job; see "OUTPUT ENVIRONMENT VARIABLES" in sbatch(1). */
final class JobEnvironment {

  private JobEnvironment() {}

  static Map<String, String> of(JobRecord job, Topology topology) {
    JobRequest request = job.request();
    Map<String, String> variables = new TreeMap<>();
    if (!request.option("export", "ALL").equals("NONE")) {
      request
          .environment()
          .forEach(
              (name, value) -> {
                if (!name.matches("HOME|PWD|OLDPWD|PATH|TMPDIR")) {
                  variables.put(name, value);
                }
              });
    }
    int nodes = request.nodes(topology);
    String list =
        HostList.compress(
            topology.nodeNames().subList(0, Math.min(nodes, topology.nodeNames().size())));
    String number = Long.toString(job.number());
    Instant start = job.startTime().orElse(job.submitted());
    variables.put("SLURM_JOB_ID", number);
    variables.put("SLURM_JOBID", number);
    variables.put("SLURM_JOB_NAME", job.name());
    variables.put("SLURM_JOB_PARTITION", job.partition());
    variables.put("SLURM_JOB_USER", job.user());
    variables.put("SLURM_JOB_UID", "1000");
    variables.put("SLURM_JOB_GID", "1000");
    variables.put("SLURM_JOB_NODELIST", list);
    variables.put("SLURM_NODELIST", list);
    variables.put("SLURM_JOB_NUM_NODES", Integer.toString(nodes));
    variables.put("SLURM_NNODES", Integer.toString(nodes));
    variables.put("SLURM_JOB_CPUS_PER_NODE", Integer.toString(request.cpus() / nodes));
    variables.put("SLURM_CPUS_ON_NODE", Integer.toString(request.cpus() / nodes));
    variables.put("SLURM_TASKS_PER_NODE", Integer.toString(Math.max(1, request.tasks() / nodes)));
    variables.put("SLURM_JOB_START_TIME", Long.toString(start.getEpochSecond()));
    variables.put("SLURM_JOB_END_TIME", Long.toString(start.plus(job.limit()).getEpochSecond()));
    variables.put("SLURM_SUBMIT_DIR", request.submitDirectory());
    variables.put("SLURM_SUBMIT_HOST", topology.controller());
    variables.put("SLURM_CLUSTER_NAME", Topology.CLUSTER);
    variables.put("SLURMD_NODENAME", topology.controller());
    variables.put("SLURM_NODEID", "0");
    variables.put("SLURM_PROCID", "0");
    variables.put("SLURM_LOCALID", "0");
    variables.put("SLURM_GTIDS", "0");
    if (request.has("ntasks")) {
      variables.put("SLURM_NTASKS", Integer.toString(request.tasks()));
      variables.put("SLURM_NPROCS", Integer.toString(request.tasks()));
    }
    if (request.cpusPerTaskGiven()) {
      variables.put("SLURM_CPUS_PER_TASK", Integer.toString(request.cpusPerTask()));
    }
    if (request.memoryPerNode().isPresent()) {
      variables.put("SLURM_MEM_PER_NODE", Long.toString(request.memoryPerNode().get()));
    } else {
      variables.put("SLURM_MEM_PER_CPU", Long.toString(request.memoryPerCpu()));
    }
    if (request.gpuCount() > 0) {
      variables.put("SLURM_GPUS_ON_NODE", Integer.toString(request.gpuCount() / nodes));
      variables.put("CUDA_VISIBLE_DEVICES", numbers(request.gpuCount() / nodes));
      variables.put("SLURM_JOB_GPUS", numbers(request.gpuCount() / nodes));
    }
    if (job.task().isPresent()) {
      List<Integer> tasks = request.tasksOfArray();
      int first = tasks.get(0);
      int step = tasks.size() > 1 ? tasks.get(1) - first : 1;
      variables.put("SLURM_ARRAY_JOB_ID", Long.toString(job.arrayNumber()));
      variables.put("SLURM_ARRAY_TASK_ID", Integer.toString(job.task().getAsInt()));
      variables.put("SLURM_ARRAY_TASK_COUNT", Integer.toString(tasks.size()));
      variables.put("SLURM_ARRAY_TASK_MIN", Integer.toString(first));
      variables.put("SLURM_ARRAY_TASK_MAX", Integer.toString(tasks.get(tasks.size() - 1)));
      variables.put("SLURM_ARRAY_TASK_STEP", Integer.toString(step));
    }
    return variables;
  }

  private static String numbers(int count) {
    return java.util.stream.IntStream.range(0, count)
        .mapToObj(Integer::toString)
        .collect(java.util.stream.Collectors.joining(","));
  }
}
