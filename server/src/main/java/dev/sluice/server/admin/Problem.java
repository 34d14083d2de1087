package dev.sluice.server.admin;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An error as its caller is to see it. Never holds what the caller sent, which may be a secret.
 *
 * @param detail what was wrong this time
 * @param violations what is wrong with which part of the request
 * @param retryAfter when it is worth trying again
 */
record Problem(ProblemKind kind, String detail, List<Violation> violations, Optional<Duration> retryAfter) {

    /**
     * One thing that is wrong with a request.
     *
     * @param at where: a JSON pointer into the body, or the name of a parameter
     */
    record Violation(String at, String detail) {}

    static Problem of(ProblemKind kind, String detail) {
        return new Problem(kind, detail, List.of(), Optional.empty());
    }

    static Problem malformed(List<Violation> violations) {
        return new Problem(ProblemKind.MALFORMED, "see errors", List.copyOf(violations), Optional.empty());
    }

    Problem retryAfter(Duration delay) {
        return new Problem(kind, detail, violations, Optional.of(delay));
    }

    Refusal asRefusal() {
        return new Refusal(this);
    }

    /** Carries a problem up to where it is answered. */
    static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient Problem problem;

        Refusal(Problem problem) {
            super(problem.detail(), null, false, false); // an answer, not a defect: no stack trace
            this.problem = problem;
        }

        Problem problem() {
            return problem;
        }
    }
}
