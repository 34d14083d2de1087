package dev.sluice.server.gateway;

import dev.sluice.SluiceException;

/** A request that goes no further, with what its caller is told; nothing was sent. */
final class Refusal extends SluiceException {
    private static final long serialVersionUID = 1L;

    private final transient Answer answer;

    Refusal(Answer answer, String description) {
        super(description);
        this.answer = answer;
    }

    static Refusal badRequest(String problem) {
        return of(400, "Bad Request: " + problem);
    }

    static Refusal tooLarge(String problem) {
        return of(413, "Request Entity Too Large: " + problem);
    }

    static Refusal of(int status, String description) {
        return new Refusal(Answer.error(status, description), description);
    }

    Answer answer() {
        return answer;
    }

    /** Callers' mistakes are common and need no stack trace. */
    @Override
    @SuppressWarnings("UnsynchronizedOverridesSynchronized")
    public Throwable fillInStackTrace() {
        return this;
    }
}
