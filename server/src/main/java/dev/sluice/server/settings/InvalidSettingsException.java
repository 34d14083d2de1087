package dev.sluice.server.settings;

import dev.sluice.SluiceException;
import java.util.List;
import java.util.stream.Collectors;

/** The settings cannot be used; says everything that is wrong with them at once. */
public final class InvalidSettingsException extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public InvalidSettingsException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")));
        this.problems = List.copyOf(problems);
    }

    /** All that is wrong, never empty. */
    public List<Problem> problems() {
        return problems;
    }
}
