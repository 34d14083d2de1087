package dev.sluice.simulator;

/** A call that is answered with an error, thrown from wherever that turns out; without a stack trace, since it is no fault of ours. */
final class Refusal extends RuntimeException {
    private final int code;
    private final String description;
    private final int retryAfter;
    private final long migrateTo;
    private final boolean html;

    private Refusal(int code, String description, int retryAfter, long migrateTo, boolean html) {
        super(code + " " + description, null, false, false);
        this.code = code;
        this.description = description;
        this.retryAfter = retryAfter;
        this.migrateTo = migrateTo;
        this.html = html;
    }

    static Refusal of(int code, String description) {
        return new Refusal(code, description, 0, 0, false);
    }

    static Refusal badRequest(String what) {
        return of(400, "Bad Request: " + what);
    }

    static Refusal forbidden(String what) {
        return of(403, "Forbidden: " + what);
    }

    static Refusal notFound() {
        return of(404, "Not Found");
    }

    static Refusal migrated(long toChat) {
        return new Refusal(400, "Bad Request: group chat was upgraded to a supergroup chat", 0, toChat, false);
    }

    static Refusal tooManyRequests(int retryAfter) {
        return new Refusal(429, "Too Many Requests: retry after " + retryAfter, retryAfter, 0, false);
    }

    static Refusal restart() {
        return of(500, "Internal Server Error: restart");
    }

    static Refusal badGatewayHtml() {
        return new Refusal(502, "Bad Gateway", 0, 0, true);
    }

    static Refusal tooLarge() {
        return of(413, "Request Entity Too Large");
    }

    int code() {
        return code;
    }

    String description() {
        return description;
    }

    int retryAfter() {
        return retryAfter;
    }

    long migrateTo() {
        return migrateTo;
    }

    boolean isHtml() {
        return html;
    }
}
