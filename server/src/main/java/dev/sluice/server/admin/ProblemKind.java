package dev.sluice.server.admin;

/**
 * A kind of error, which programs tell by its type.
 *
 * @param status the HTTP status
 * @param slug the end of its type, in lower case with dashes
 * @param title the same for every problem of this kind
 */
record ProblemKind(int status, String slug, String title) {
    static final ProblemKind MALFORMED = new ProblemKind(400, "malformed", "The request is malformed");
    static final ProblemKind UNAUTHORIZED = new ProblemKind(401, "unauthorized", "A token is needed");
    static final ProblemKind FORBIDDEN = new ProblemKind(403, "forbidden", "This is not for you");
    static final ProblemKind NOT_FOUND = new ProblemKind(404, "not-found", "There is nothing at this path");
    static final ProblemKind METHOD = new ProblemKind(405, "method-not-allowed", "This path has no such method");
    static final ProblemKind TOO_SLOW = new ProblemKind(408, "too-slow", "The body did not come in time");
    static final ProblemKind TOO_LARGE = new ProblemKind(413, "too-large", "The body is too large");
    static final ProblemKind MEDIA_TYPE = new ProblemKind(415, "media-type", "The body is of another type");
    static final ProblemKind TOO_MANY = new ProblemKind(429, "too-many-attempts", "Too many wrong tokens");
    static final ProblemKind DEFECT = new ProblemKind(500, "defect", "Sluice has a defect");
    static final ProblemKind BUSY = new ProblemKind(503, "busy", "Too much is asked at once");
    static final ProblemKind STORE = new ProblemKind(503, "store-unavailable", "The store does not answer");

    String type() {
        return "urn:sluice:problem:" + slug;
    }
}
