package dev.sluice.server.admin;

import io.vertx.core.http.HttpMethod;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which operation a request asks for. Immutable. */
final class Routes {
    /** Everything below it is ours, also where there is nothing. */
    private static final String OURS = "/v1";

    private final Map<String, Path> paths = new LinkedHashMap<>();

    private record Path(Pattern pattern, List<String> variables, Map<HttpMethod, Operation> operations) {}

    /** An operation, and what stood in the place of its path's variables. */
    record Match(Operation operation, Map<String, String> variables) {}

    /** @throws IllegalArgumentException if two operations share a path and a method */
    Routes(List<Operation> operations) {
        for (Operation operation : operations) {
            var path = paths.computeIfAbsent(
                    operation.path(),
                    text -> new Path(Operation.pattern(text), Operation.variables(text), new HashMap<>()));
            if (path.operations().put(operation.method(), operation) != null) {
                throw new IllegalArgumentException(operation.method() + " " + operation.path() + " is there twice");
            }
        }
    }

    /** Whether a path is to be answered here, if only by saying that there is nothing. */
    boolean serves(String path) {
        return path.equals(OURS) || path.startsWith(OURS + "/") || at(path).isPresent();
    }

    /** @throws Problem.Refusal if there is nothing at the path */
    Optional<Match> find(HttpMethod method, String path) {
        var wanted = method.equals(HttpMethod.HEAD) ? HttpMethod.GET : method;
        var found = at(path).orElseThrow(() -> Problem.of(ProblemKind.NOT_FOUND, "/v1/openapi.json lists what there is")
                .asRefusal());
        return Optional.ofNullable(found.operations().get(wanted))
                .map(operation -> new Match(operation, variables(found, path)));
    }

    /** The methods of a path, for {@code Allow}. */
    String allowed(String path) {
        var names = new TreeSet<String>();
        at(path).ifPresent(found -> found.operations().keySet().forEach(method -> {
            names.add(method.name());
            if (method.equals(HttpMethod.GET)) {
                names.add("HEAD");
            }
        }));
        return String.join(", ", names);
    }

    /** Paths with fewer variables first: /v1/bots/x is no bot if there is such a path, nor /v1/bundles/1/aside a bundle. */
    private Optional<Path> at(String path) {
        var exact = Optional.ofNullable(paths.get(path))
                .filter(found -> found.variables().isEmpty());
        return exact.or(() -> paths.values().stream()
                .filter(candidate -> candidate.pattern().matcher(path).matches())
                .min(Comparator.comparingInt(found -> found.variables().size())));
    }

    private static Map<String, String> variables(Path found, String path) {
        var values = new HashMap<String, String>();
        var match = found.pattern().matcher(path);
        if (match.matches()) {
            for (int i = 0; i < found.variables().size(); i++) {
                values.put(found.variables().get(i), match.group(i + 1));
            }
        }
        return values;
    }
}
