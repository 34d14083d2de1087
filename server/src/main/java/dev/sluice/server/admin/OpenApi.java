package dev.sluice.server.admin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The description of the admin API for programs, made from the operations that the router goes by. */
final class OpenApi {
    private static final String VERSION = "3.1.0";

    private final String version;
    private final List<Operation> operations;

    /** @param version the program's */
    OpenApi(String version, List<Operation> operations) {
        this.version = version;
        this.operations = operations;
    }

    Map<String, Object> document() {
        var document = new LinkedHashMap<String, Object>();
        document.put("openapi", VERSION);
        document.put("info", Map.of("title", "Sluice admin API", "version", version));
        var paths = new LinkedHashMap<String, Object>();
        for (Operation operation : operations) {
            @SuppressWarnings("unchecked")
            var path = (Map<String, Object>) paths.computeIfAbsent(operation.path(), text -> new LinkedHashMap<>());
            path.put(operation.method().name().toLowerCase(Locale.ROOT), describe(operation));
        }
        document.put("paths", paths);
        document.put(
                "components",
                Map.of(
                        "schemas", schemas(),
                        "securitySchemes", Map.of("admin_token", Map.of("type", "http", "scheme", "bearer"))));
        return document;
    }

    private Map<String, Object> describe(Operation operation) {
        var json = new LinkedHashMap<String, Object>();
        json.put("operationId", operation.id());
        json.put("summary", operation.summary());
        if (!operation.parameters().isEmpty()) {
            json.put(
                    "parameters",
                    operation.parameters().stream().map(OpenApi::describe).toList());
        }
        operation
                .body()
                .ifPresent(shape -> json.put(
                        "requestBody",
                        Map.of(
                                "required",
                                !operation.bodyOptional(),
                                "content",
                                content(AdminApi.takenType(operation), shape))));
        operation
                .streamed()
                .ifPresent(body -> json.put(
                        "requestBody",
                        Map.of(
                                "required",
                                true,
                                "description",
                                body.description(),
                                "content",
                                Map.of(body.mediaType(), Map.of("schema", Map.of("type", "string"))))));
        json.put("responses", responses(operation));
        // An empty object beside the scheme: without SLUICE_ADMIN_TOKEN no token is needed on the server's own machine.
        json.put("security", operation.open() ? List.of() : List.of(Map.of("admin_token", List.of()), Map.of()));
        return json;
    }

    private static Map<String, Object> describe(Parameter<?> parameter) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", parameter.name());
        json.put("in", parameter.in().name().toLowerCase(Locale.ROOT));
        json.put("description", parameter.description());
        json.put("required", parameter.fallback().isEmpty());
        json.put("schema", parameter.shape().schema());
        return json;
    }

    private static Map<String, Object> responses(Operation operation) {
        var responses = new TreeMap<String, Object>();
        for (Operation.Result result : operation.results()) {
            var json = new LinkedHashMap<String, Object>();
            json.put("description", result.description());
            if (result.shape().isPresent()) {
                json.put("content", content(result.mediaType(), result.shape().get()));
            } else if (!result.mediaType().isEmpty()) {
                json.put("content", Map.of(result.mediaType(), Map.of("schema", Map.of("type", "string"))));
            }
            responses.merge(Integer.toString(result.status()), json, OpenApi::together);
        }
        possible(operation)
                .collect(Collectors.groupingBy(ProblemKind::status, TreeMap::new, Collectors.toList()))
                .forEach((status, kinds) -> responses.put(Integer.toString(status), problem(kinds)));
        return responses;
    }

    /** What an operation may refuse for reasons of its own, and for those that anything may be refused for. */
    static Stream<ProblemKind> possible(Operation operation) {
        var kinds = new ArrayList<ProblemKind>(operation.problems());
        kinds.add(ProblemKind.DEFECT);
        if (!operation.open()) {
            kinds.addAll(
                    List.of(ProblemKind.UNAUTHORIZED, ProblemKind.FORBIDDEN, ProblemKind.TOO_MANY, ProblemKind.BUSY));
        }
        if (operation.path().startsWith("/v1/") || !operation.parameters().isEmpty()) {
            kinds.add(ProblemKind.MALFORMED);
        }
        if (operation.body().isPresent() || operation.streamed().isPresent()) {
            kinds.addAll(List.of(ProblemKind.TOO_LARGE, ProblemKind.TOO_SLOW, ProblemKind.MEDIA_TYPE));
        }
        return kinds.stream();
    }

    private static Map<String, Object> problem(List<ProblemKind> kinds) {
        return Map.of(
                "description",
                kinds.stream()
                        .map(kind -> kind.title() + " (`" + kind.type() + "`).")
                        .collect(Collectors.joining(" ")),
                "content",
                content(ProblemWriter.MEDIA_TYPE, ProblemWriter.SHAPE));
    }

    /** One status in two media types. */
    private static Object together(Object one, Object other) {
        var json = new LinkedHashMap<String, Object>();
        var content = new LinkedHashMap<Object, Object>();
        for (Object response : List.of(one, other)) {
            var fields = (Map<?, ?>) response;
            json.putIfAbsent("description", fields.get("description"));
            if (fields.get("content") instanceof Map<?, ?> types) {
                content.putAll(types);
            }
        }
        json.put("content", content);
        return json;
    }

    private static Map<String, Object> content(String mediaType, Shape shape) {
        return Map.of(mediaType, Map.of("schema", shape.schema()));
    }

    private Map<String, Object> schemas() {
        var schemas = new TreeMap<String, Object>();
        Stream.concat(
                        Stream.of(ProblemWriter.SHAPE),
                        operations.stream()
                                .flatMap(operation -> Stream.concat(
                                        operation.body().stream(),
                                        operation.results().stream().flatMap(result -> result.shape().stream()))))
                .flatMap(shape -> shape.all().stream())
                .forEach(shape -> {
                    if (shape instanceof Shape.Named(String name, Shape inner)) {
                        schemas.put(name, inner.schema());
                    }
                });
        return schemas;
    }
}
