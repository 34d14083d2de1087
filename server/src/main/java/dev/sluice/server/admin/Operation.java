package dev.sluice.server.admin;

import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One thing that can be asked for: what it takes, what it answers and who does it. The router goes by it, and the OpenAPI
 * document shows it.
 *
 * @param path such as {@code /v1/bots/{bot}}
 * @param id its name in generated clients
 * @param open whether it needs no token
 * @param guard whether bots ask it for each message, so that it is not counted among what operators ask
 * @param body what its body looks like; empty if it takes none, or one that is streamed
 * @param bodyOptional whether it may come without that body, which is then as if it had no members
 * @param streamed the media type of a body of any length that its handler reads as it comes, and what it looks like
 * @param results what it may answer beside problems
 * @param problems what it may answer beside the problems that anything may
 */
record Operation(
        HttpMethod method,
        String path,
        String id,
        String summary,
        boolean open,
        boolean guard,
        List<Parameter<?>> parameters,
        Optional<Shape> body,
        boolean bodyOptional,
        Optional<Streamed> streamed,
        List<Result> results,
        List<ProblemKind> problems,
        Handler handler) {

    private static final Pattern VARIABLE = Pattern.compile("\\{([a-z_]+)}");

    /** Does it; may block, and throws {@link Problem.Refusal} for a problem. */
    @FunctionalInterface
    interface Handler {
        AdminResponse handle(AdminRequest request);
    }

    /** A body that is read as it comes. */
    record Streamed(String mediaType, String description) {}

    /** A possible answer; {@code shape} is empty if it has no JSON body. */
    record Result(int status, String description, Optional<Shape> shape, String mediaType) {}

    Operation {
        parameters = List.copyOf(parameters);
        results = List.copyOf(results);
        problems = List.copyOf(problems);
        for (String variable : variables(path)) {
            if (parameters.stream()
                    .noneMatch(parameter -> parameter.in() == Parameter.In.PATH
                            && parameter.name().equals(variable))) {
                throw new IllegalArgumentException(path + " does not say what " + variable + " is");
            }
        }
    }

    static Builder get(String path, String id, String summary) {
        return new Builder(HttpMethod.GET, path, id, summary);
    }

    static Builder post(String path, String id, String summary) {
        return new Builder(HttpMethod.POST, path, id, summary);
    }

    static Builder put(String path, String id, String summary) {
        return new Builder(HttpMethod.PUT, path, id, summary);
    }

    static Builder patch(String path, String id, String summary) {
        return new Builder(HttpMethod.PATCH, path, id, summary);
    }

    static Builder delete(String path, String id, String summary) {
        return new Builder(HttpMethod.DELETE, path, id, summary);
    }

    /** What a request's path must match; groups are named as the variables. */
    static Pattern pattern(String path) {
        var pattern = new StringBuilder();
        Matcher variable = VARIABLE.matcher(path);
        int at = 0;
        while (variable.find()) {
            pattern.append(Pattern.quote(path.substring(at, variable.start()))).append("([^/]+)");
            at = variable.end();
        }
        return Pattern.compile(pattern + Pattern.quote(path.substring(at)));
    }

    /** The variables of a path, in order. */
    static List<String> variables(String path) {
        return VARIABLE.matcher(path).results().map(found -> found.group(1)).toList();
    }

    /** Describes an operation; {@link #by} completes it. */
    static final class Builder {
        private final HttpMethod method;
        private final String path;
        private final String id;
        private final String summary;
        private final List<Parameter<?>> parameters = new ArrayList<>();
        private final List<Result> results = new ArrayList<>();
        private final List<ProblemKind> problems = new ArrayList<>();
        private boolean open;
        private boolean guard;
        private Optional<Shape> body = Optional.empty();
        private boolean bodyOptional;
        private Optional<Streamed> streamed = Optional.empty();

        private Builder(HttpMethod method, String path, String id, String summary) {
            this.method = method;
            this.path = path;
            this.id = id;
            this.summary = summary;
        }

        Builder openToAll() {
            open = true;
            return this;
        }

        /** For bots, which ask it for each message. */
        Builder asGuard() {
            guard = true;
            return this;
        }

        Builder with(Parameter<?>... more) {
            parameters.addAll(List.of(more));
            return this;
        }

        Builder takes(Shape shape) {
            body = Optional.of(shape);
            return this;
        }

        /** @param shape of an object without members that must be there */
        Builder mayTake(Shape shape) {
            bodyOptional = true;
            return takes(shape);
        }

        Builder streams(String mediaType, String description) {
            streamed = Optional.of(new Streamed(mediaType, description));
            return this;
        }

        Builder answers(int status, String description, Shape shape) {
            results.add(new Result(status, description, Optional.of(shape), AdminResponse.JSON));
            return this;
        }

        Builder answers(int status, String description) {
            results.add(new Result(status, description, Optional.empty(), ""));
            return this;
        }

        Builder answersText(int status, String description, String mediaType) {
            results.add(new Result(status, description, Optional.empty(), mediaType));
            return this;
        }

        Builder refuses(ProblemKind... kinds) {
            problems.addAll(List.of(kinds));
            return this;
        }

        Operation by(Handler handler) {
            return new Operation(
                    method,
                    path,
                    id,
                    summary,
                    open,
                    guard,
                    parameters,
                    body,
                    bodyOptional,
                    streamed,
                    results,
                    problems,
                    handler);
        }
    }
}
