package dev.sluice.server.admin;

import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.logging.Redaction;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The one place where errors are written: {@code application/problem+json}, RFC 9457. */
final class ProblemWriter {
    static final String MEDIA_TYPE = "application/problem+json";

    static final Shape SHAPE = new Shape.Named(
            "Problem",
            Shape.Fields.of(
                    Field.required(
                            "type",
                            Shape.Text.any(),
                            "What kind of problem it is, for programs: urn:sluice:problem:..."),
                    Field.required("title", Shape.Text.any(), "The same in words."),
                    Field.required("status", new Shape.Whole(400, 599), "The HTTP status."),
                    Field.required("detail", Shape.Text.any(), "What was wrong this time."),
                    Field.optional(
                            "errors",
                            new Shape.ListOf(
                                    Shape.Fields.of(
                                            Field.required(
                                                    "at",
                                                    Shape.Text.any(),
                                                    "A JSON pointer into the body, or a parameter's name."),
                                            Field.required("detail", Shape.Text.any(), "What is wrong with it.")),
                                    1_000),
                            "What is wrong with which part of the request.")));

    private static final Duration SOON = Duration.ofSeconds(1);

    private ProblemWriter() {}

    /** Ends a response with a problem. */
    static Future<Void> write(HttpServerResponse response, Problem problem) {
        int status = problem.kind().status();
        problem.retryAfter()
                .or(() -> status == 429 || status == 503 ? Optional.of(SOON) : Optional.empty())
                .ifPresent(delay -> response.putHeader("Retry-After", Long.toString(wholeSeconds(delay))));
        if (problem.kind().equals(ProblemKind.UNAUTHORIZED)) {
            response.putHeader("WWW-Authenticate", "Bearer realm=\"sluice\"");
        }
        return AdminApi.send(response, problem.kind().status(), MEDIA_TYPE, json(problem));
    }

    private static String json(Problem problem) {
        var json = new LinkedHashMap<String, Object>();
        json.put("type", problem.kind().type());
        json.put("title", problem.kind().title());
        json.put("status", problem.kind().status());
        json.put("detail", Redaction.mask(problem.detail()));
        if (!problem.violations().isEmpty()) {
            json.put(
                    "errors",
                    problem.violations().stream().map(ProblemWriter::json).toList());
        }
        return AdminJson.write(json);
    }

    private static Map<String, Object> json(Violation violation) {
        var json = new LinkedHashMap<String, Object>();
        json.put("at", violation.at());
        json.put("detail", violation.detail());
        return json;
    }

    private static long wholeSeconds(Duration delay) {
        return Math.max(1, delay.plusNanos(999_999_999).toSeconds());
    }
}
