import io.github.slurmmaven.terminal.Tmux

// Where a CI job lacks it, the test is to fail rather than to be left out.
return Tmux.isInstalled() || Boolean.parseBoolean(System.getenv('CI'))
