/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Gives the tests of a class a Slurm cluster, as parameters of methods or of the constructor:
 *
 * <ul>
 *   <li>a {@link io.github.slurmmaven.cluster.SlurmCluster} or its {@link
 *       io.github.slurmmaven.client.Connection};
 *   <li>a {@code net.schmizz.sshj.SSHClient}, logged in, and closed after the test;
 *   <li>its {@link io.github.slurmmaven.definition.ClusterDefinition}; a test that takes only this
 *       starts no cluster;
 *   <li>the address of its registry, as a {@link Registry} String;
 *   <li>the {@link io.github.slurmmaven.client.RestAccess} of its slurmrestd, or its address and
 *       token, as a {@link Rest} URI and a {@link Rest} String.
 * </ul>
 *
 * <p>A running cluster is used if it matches the annotation, in this order: the one that the
 * environment variable {@code SLURM_TEST_CLUSTER} names; the one of the system properties {@code
 * slurm.*}, which Failsafe passes on from the Maven plugin; one of {@code .slurm-cluster} in this
 * directory or the nearest parent that has one. Otherwise a cluster is started when the first
 * parameter needs it. All classes that request the same cluster share it, and it is destroyed after
 * the last test of the run.
 *
 * <p>When a test fails, a diagnosis is written to {@code target/slurm-test/<class>/<method>}: the
 * jobs that the test submitted, with their scripts, output and records, the queue, the nodes, and
 * the daemons' logs. A line on standard error and the report entry {@code slurm.diagnosis} name
 * that directory.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
@ExtendWith(SlurmExtension.class)
@ResourceLock(value = SlurmTest.CLUSTERS, mode = ResourceAccessMode.READ)
public @interface SlurmTest {

  /** The resource that tests share; tests with {@link ResetBetweenTests} lock it. */
  String CLUSTERS = "io.github.slurmmaven.testing.clusters";

  /** Preset: {@code cpu}, {@code gpu}, {@code multi-node}, {@code full}; default any. */
  String preset() default "";

  /** YAML file that defines the cluster, relative to the current directory; default none. */
  String definition() default "";

  /** Slurm's release line, for example {@code 24.11}; default any. */
  String slurmVersion() default "";

  /**
   * Where the cluster runs: {@code docker}, {@code embedded} (processes of this machine; needs the
   * artifact {@code slurm-bundle-24.11}, or the one of another Slurm version, on the class path),
   * or {@code auto}, the default: containers if a container engine can be reached, otherwise
   * processes.
   */
  String engine() default "";

  /** Number of compute nodes without GPUs; the default is the preset's. */
  int cpuNodes() default -1;

  /** Number of compute nodes with simulated GPUs; the default is the preset's. */
  int gpuNodes() default -1;

  /** Simulated GPUs of each node that has any; the default is the preset's. */
  int gpusPerNode() default -1;

  /** Processors of each compute node; the default is the preset's. */
  int cpusPerNode() default -1;

  /** Memory of each compute node in megabytes; the default is the preset's. */
  int memoryPerNode() default -1;

  /** Whether there must be a container registry; the default is the preset's. */
  boolean withRegistry() default false;

  /**
   * Whether jobs must be able to run in containers, with Pyxis and enroot; the default is the
   * preset's.
   */
  boolean withPyxis() default false;

  /**
   * Whether Slurm's accounting must run, so that {@code sacct} answers; the default is the
   * preset's.
   */
  boolean accounting() default false;

  /** Whether slurmrestd must serve Slurm's REST API; default the preset's. */
  boolean rest() default false;

  /**
   * How many seconds pass in the cluster for each second of the machine, 1 to 1000; the default is
   * the preset's, which is 1. At any speed a test can move the clock forward: it is a parameter of
   * the type {@code ClusterClock}.
   */
  int clockSpeed() default -1;

  /**
   * Whether programs of jobs must see the cluster's time instead of the machine's, so that a {@code
   * sleep 3600} ends when the clock is moved by an hour; the default is the preset's, which is no.
   */
  boolean jobClock() default false;
}
