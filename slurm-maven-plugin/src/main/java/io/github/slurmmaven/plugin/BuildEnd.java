/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.EngineFailure;
import io.github.slurmmaven.client.SlurmClusterException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.apache.maven.execution.AbstractExecutionListener;
import org.apache.maven.execution.ExecutionListener;
import org.apache.maven.execution.MavenExecutionRequest;
import org.apache.maven.plugin.logging.Log;
import org.jspecify.annotations.Nullable;

/**
 * The clusters that a build has started and not yet destroyed. They are destroyed at any end of the
 * build. Clusters that it has only created are destroyed only after a signal.
 *
 * <p>Maven notifies an {@link ExecutionListener} of the end of a build, whether it succeeded or
 * failed; on a signal it calls no listener, and a shutdown hook does the work. At an ordinary end
 * of the JVM the hook is long removed, since it could not load a class from the plugin's closed
 * realm.
 */
final class BuildEnd {

  // The same class in the realm of another configuration of the plugin has its own.
  private static final String KEY =
      BuildEnd.class.getName() + "@" + System.identityHashCode(BuildEnd.class);

  private static final Duration START_ENDS_WITHIN = Duration.ofSeconds(10);

  /** An engine that is restarted with all its containers answers again within seconds. */
  private static final Duration ENGINE_RETURNS_WITHIN = Duration.ofSeconds(30);

  private static final Duration POLL = Duration.ofMillis(100);

  private final Map<Path, Runnable> clusters = new ConcurrentHashMap<>();
  private final Map<Path, Runnable> created = new ConcurrentHashMap<>();
  private final Set<Thread> starting = ConcurrentHashMap.newKeySet();
  private final Thread hook = new Thread(this::onShutdown, "slurm-cluster-cleanup");
  private final Log log;
  private final Duration patience;
  private volatile boolean signalled;
  private volatile boolean isJvmEnding;

  private BuildEnd(Log log, Duration patience) {
    this.log = log;
    this.patience = patience;
  }

  /** The one of this build, installed by the first call. */
  static BuildEnd of(MavenExecutionRequest request, Log log) {
    return of(request, log, ENGINE_RETURNS_WITHIN);
  }

  /**
   * The same, for a test.
   *
   * @param patience how long the end of the build waits for an engine that does not answer
   */
  static BuildEnd of(MavenExecutionRequest request, Log log, Duration patience) {
    synchronized (request) {
      return (BuildEnd)
          request
              .getData()
              .computeIfAbsent(
                  KEY,
                  key -> {
                    BuildEnd end = new BuildEnd(log, patience);
                    request.setExecutionListener(end.listener(request.getExecutionListener()));
                    Runtime.getRuntime().addShutdownHook(end.hook);
                    return end;
                  });
    }
  }

  /**
   * Creates a cluster of this build. Its files are kept when the build ends, because the user may
   * have wanted only the files. A build that a signal ends leaves nothing.
   */
  void create(Path directory, Runnable create, Runnable destroy) {
    created.put(directory, destroy);
    interruptibly(create);
  }

  /** Runs work that a signal interrupts, and that the clean-up waits for. */
  void interruptibly(Runnable work) {
    startByHand(
        () -> {
          work.run();
          return true;
        });
  }

  /**
   * Starts a cluster that is destroyed when the build ends. A failed start must have cleaned up,
   * unless a signal interrupted it.
   */
  <T> T start(Path directory, Supplier<T> start, Runnable destroy) {
    // First of all, so that a signal in the middle of the start finds it.
    boolean isFirst = clusters.put(directory, destroy) == null;
    boolean started = false;
    try {
      T result = startByHand(start);
      started = true;
      return result;
    } finally {
      if (isFirst && !started && !signalled) {
        clusters.remove(directory);
      }
    }
  }

  /**
   * Starts a cluster that outlives the build. A signal makes the start give up and clean up after
   * itself, and waits for that.
   */
  <T> T startByHand(Supplier<T> start) {
    starting.add(Thread.currentThread());
    try {
      if (signalled) {
        // The start may have been too late for the interrupt, and would create what is being
        // destroyed.
        throw new SlurmClusterException("Interrupted by a signal");
      }
      return start.get();
    } finally {
      synchronized (starting) {
        starting.remove(Thread.currentThread());
        starting.notifyAll();
      }
      yieldToSignal();
    }
  }

  /** Destroys a cluster now; when that fails, the end of the build tries again. */
  void destroy(Path directory, Runnable destroy) {
    yieldToSignal();
    destroy.run();
    created.remove(directory);
    clusters.remove(directory);
  }

  /** Maven's end of the build. */
  void onSessionEnded() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      isJvmEnding = true;
    }
    yieldToSignal();
    destroyAll();
  }

  private void onShutdown() {
    isJvmEnding = true;
    onSignal();
  }

  /** Handles a signal: interrupts current starts, then destroys all clusters. */
  void onSignal() {
    signalled = true;
    starting.forEach(Thread::interrupt);
    awaitStarts();
    created.forEach(clusters::putIfAbsent);
    destroyAll();
  }

  /** Waits for current starts. Otherwise a start could create again what was just destroyed. */
  private void awaitStarts() {
    long deadline = System.nanoTime() + START_ENDS_WITHIN.toNanos();
    synchronized (starting) {
      long left = START_ENDS_WITHIN.toMillis();
      while (!starting.isEmpty() && left > 0) {
        try {
          starting.wait(left);
        } catch (InterruptedException e) {
          return;
        }
        left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      }
    }
  }

  /**
   * Blocks Maven's own threads after a signal until the JVM has ended. Otherwise they would
   * continue the build, or end it and close the plugin's realm while the hook still loads classes
   * from it.
   */
  void yieldToSignal() {
    while (isJvmEnding) {
      Thread.interrupted(); // Meant for the start, and it did its work.
      LockSupport.park(this);
    }
  }

  private void destroyAll() {
    long deadline = System.nanoTime() + patience.toNanos();
    for (Path directory : List.copyOf(clusters.keySet())) {
      Runnable destroy = clusters.remove(directory);
      if (destroy == null) {
        continue;
      }
      try {
        destroyBefore(deadline, directory, destroy);
      } catch (RuntimeException e) {
        // The build's own result stands, and Maven would not survive an exception here.
        log.warn(
            "Cluster '%s' could not be removed at the end of the build (mvn slurm:destroy removes it, and so does the next start on this machine): %s"
                .formatted(directory.getFileName(), e.getMessage()));
        log.debug(e);
      }
    }
  }

  /** Waits for an engine that is away, but not after a signal, because its sender waits for us. */
  private void destroyBefore(long deadline, Path directory, Runnable destroy) {
    boolean waits = false;
    while (true) {
      try {
        destroy.run();
        return;
      } catch (RuntimeException e) {
        if (signalled || !isAway(e) || System.nanoTime() > deadline) {
          throw e;
        }
        if (!waits) {
          log.warn(
              "The container engine does not answer: waiting up to %d s for it, to remove cluster '%s'"
                  .formatted(patience.toSeconds(), directory.getFileName()));
        }
        waits = true;
        LockSupport.parkNanos(POLL.toNanos());
      }
    }
  }

  private static boolean isAway(RuntimeException failure) {
    return failure instanceof EngineFailure engine && engine.isAway();
  }

  private ExecutionListener listener(@Nullable ExecutionListener current) {
    ExecutionListener next = current == null ? new AbstractExecutionListener() : current;
    return (ExecutionListener)
        Proxy.newProxyInstance(
            BuildEnd.class.getClassLoader(),
            new Class<?>[] {ExecutionListener.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("sessionEnded")) {
                onSessionEnded();
              }
              try {
                return method.invoke(next, arguments);
              } catch (InvocationTargetException e) {
                throw e.getTargetException();
              }
            });
  }
}
