package dev.sluice.job;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How a job ended.
 *
 * @param state any but running and dead
 * @param error the class of what it failed of, such as {@code TimeoutException}: 1-128 of {@code A-Z a-z 0-9 . _ $ -}; only of one that failed
 * @param message for operators, up to {@value #LONGEST_MESSAGE} characters; shown to whoever may list jobs, so it must hold no secret and no
 *     text or name of a user
 */
public record JobEnd(JobState state, Optional<String> error, Optional<String> message) {
    public static final int LONGEST_MESSAGE = 200;

    /** What {@code error} matches. */
    public static final String ERROR_FORM = "[A-Za-z0-9._$-]{1,128}";

    private static final Pattern ERROR = Pattern.compile(ERROR_FORM);

    public JobEnd {
        if (state == JobState.RUNNING || state == JobState.DEAD) {
            throw new IllegalArgumentException("a job cannot end as " + state.word());
        }
        if (error.isPresent() != (state == JobState.FAILED)) {
            throw new IllegalArgumentException("a job has an error if it failed, and only then");
        }
        if (error.isPresent() && !ERROR.matcher(error.get()).matches()) {
            throw new IllegalArgumentException("a job's error does not match " + ERROR_FORM);
        }
        message.ifPresent(text -> {
            int length = text.codePointCount(0, text.length());
            if (length < 1 || length > LONGEST_MESSAGE) {
                throw new IllegalArgumentException(
                        "a job's message must be 1 to " + LONGEST_MESSAGE + " characters long, not " + length);
            }
        });
    }

    public static JobEnd succeeded() {
        return new JobEnd(JobState.SUCCEEDED, Optional.empty(), Optional.empty());
    }

    public static JobEnd cancelled() {
        return new JobEnd(JobState.CANCELLED, Optional.empty(), Optional.empty());
    }

    public static JobEnd failed(String error) {
        return new JobEnd(JobState.FAILED, Optional.of(error), Optional.empty());
    }

    /** By the class of an exception; its message may hold anything and is left out. */
    public static JobEnd failed(Throwable problem) {
        String name = problem.getClass().getName();
        return failed(name.substring(Math.max(name.lastIndexOf('.') + 1, name.length() - 128)));
    }

    public JobEnd withMessage(String newMessage) {
        return new JobEnd(state, error, Optional.of(newMessage));
    }
}
