/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.terminal;

import io.github.slurmmaven.client.SlurmClusterException;
import io.github.slurmmaven.client.UserMistakeException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Attributes.InputFlag;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Attributes.OutputFlag;
import org.jline.terminal.impl.exec.ExecTerminalProvider;
import org.jline.terminal.spi.Pty;
import org.jline.terminal.spi.SystemStream;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;

/**
 * The terminal in which this process was started.
 *
 * <p>It uses the programs {@code tty} and {@code stty} of every Unix, so no native library is
 * loaded into a build's JVM, and the standard streams that the build has replaced are not touched.
 */
public final class LocalTerminal implements Terminal {

  private static final String RESIZED = "WINCH";

  private final String type;
  private final Pty pty;
  private final Attributes original;
  private final KeyInput input = new KeyInput();
  private final OutputStream output = new FileOutputStream(FileDescriptor.out);
  private final List<Consumer<Size>> listeners = new CopyOnWriteArrayList<>();
  private final Thread atExit = new Thread(this::restore, "terminal-restore");

  private @Nullable Object formerHandler;
  private boolean restored;

  private LocalTerminal(String type, Pty pty) throws IOException {
    this.type = type;
    this.pty = pty;
    this.original = pty.getAttr();
  }

  /** Whether the standard output of this process is a terminal. */
  public static boolean showsOutput() {
    return new ExecTerminalProvider().isSystemStream(SystemStream.Output);
  }

  /**
   * Opens the terminal in raw mode, in which keys do not send signals to this process. The mode is
   * restored on close, and when a signal ends the JVM.
   *
   * @param type value of the variable {@code TERM}
   * @throws UserMistakeException when standard input or output is not a terminal
   */
  public static LocalTerminal open(String type) {
    ExecTerminalProvider provider = new ExecTerminalProvider();
    for (SystemStream stream : List.of(SystemStream.Input, SystemStream.Output)) {
      if (!provider.isSystemStream(stream)) {
        throw new UserMistakeException(
            "standard "
                + (stream == SystemStream.Input ? "input" : "output")
                + " is not a terminal, which an interactive session needs: start it in a terminal, without a pipe or redirection");
      }
    }
    try {
      LocalTerminal terminal = new LocalTerminal(type, provider.current(SystemStream.Output));
      terminal.takeOver();
      return terminal;
    } catch (IOException e) {
      throw new SlurmClusterException("The terminal cannot be used: " + e.getMessage(), e);
    }
  }

  private void takeOver() throws IOException {
    Runtime.getRuntime().addShutdownHook(atExit);
    try {
      pty.setAttr(raw(original));
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
    formerHandler = Signals.register(RESIZED, this::resized);
  }

  /**
   * Returns the raw mode of ssh(1), in which a read also ends after a tenth of a second without a
   * key. See termios(3).
   */
  private static Attributes raw(Attributes original) {
    Attributes raw = new Attributes(original);
    raw.setInputFlags(
        EnumSet.of(
            InputFlag.ISTRIP,
            InputFlag.INLCR,
            InputFlag.IGNCR,
            InputFlag.ICRNL,
            InputFlag.IXON,
            InputFlag.IXANY,
            InputFlag.IXOFF),
        false);
    raw.setOutputFlag(OutputFlag.OPOST, false);
    raw.setLocalFlags(
        EnumSet.of(LocalFlag.ISIG, LocalFlag.ICANON, LocalFlag.ECHO, LocalFlag.IEXTEN), false);
    raw.setControlChar(ControlChar.VMIN, 0);
    raw.setControlChar(ControlChar.VTIME, 1);
    return raw;
  }

  @Override
  public String type() {
    return type;
  }

  @Override
  public Size size() {
    try {
      org.jline.terminal.Size size = pty.getSize();
      return new Size(size.getColumns(), size.getRows());
    } catch (IOException e) {
      throw new SlurmClusterException("The terminal's size is not known: " + e.getMessage(), e);
    }
  }

  @Override
  public InputStream input() {
    return input;
  }

  @Override
  public OutputStream output() {
    return output;
  }

  @Override
  public void onResize(Consumer<Size> listener) {
    listeners.add(listener);
  }

  /** Synchronized, so that the last reported size is the newest. */
  private synchronized void resized() {
    Size size = size();
    listeners.forEach(listener -> listener.accept(size));
  }

  @Override
  public void close() {
    Signals.unregister(RESIZED, formerHandler);
    listeners.clear();
    restore();
    try {
      Runtime.getRuntime().removeShutdownHook(atExit);
    } catch (IllegalStateException e) {
      // The JVM is ending already.
    }
  }

  private void restore() {
    // In line mode, a current read would not end by itself.
    input.end();
    synchronized (original) {
      if (restored) {
        return;
      }
      restored = true;
      try {
        pty.setAttr(original);
      } catch (IOException e) {
        throw new SlurmClusterException(
            "The terminal's settings could not be restored; 'stty sane' repairs them: "
                + e.getMessage(),
            e);
      }
    }
  }
}
