package dev.sluice.server.broadcast;

import dev.sluice.SluiceException;

/** An upload of which nothing was kept; says which line was wrong, and never what stood there. */
public final class InvalidUploadException extends SluiceException {
    private static final long serialVersionUID = 1L;

    /** What is wrong. */
    public enum Kind {
        /** A line is not what is accepted. */
        LINE,
        /** There are too many recipients. */
        TOO_MANY
    }

    private final Kind kind;
    private final long line;
    private final String detail;

    InvalidUploadException(Kind kind, long line, String detail) {
        super("line " + line + " " + detail);
        this.kind = kind;
        this.line = line;
        this.detail = detail;
    }

    public Kind kind() {
        return kind;
    }

    /** From 1, which is the template's. */
    public long line() {
        return line;
    }

    /** What was wanted, as a phrase that goes on after the line's name. */
    public String detail() {
        return detail;
    }
}
