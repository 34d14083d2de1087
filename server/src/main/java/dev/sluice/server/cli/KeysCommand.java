package dev.sluice.server.cli;

import dev.sluice.server.cli.LimitsCommand.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.LongBinaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The keys in the Redis of a running server. */
@Command(
        name = "keys",
        description = {
            "Counts the keys in Redis by family, and shows when they end or who removes them.",
            "Exit code 1 if a key is of no family, has neither a TTL nor an owner, or could not be looked at."
        },
        mixinStandardHelpOptions = true,
        versionProvider = BuildInfo.class)
final class KeysCommand implements Callable<Integer> {
    private static final List<String> SUMS = List.of("keys", "without_ttl", "other_type", "bytes");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ServerOptions options = new ServerOptions();

    /** All pages of a survey, added up. */
    private static final class Survey {
        final Map<String, ObjectNode> families = new LinkedHashMap<>();
        String backend = "";
        long moving;

        void add(JsonNode page) {
            backend = page.path("backend").asString();
            moving += page.path("moving").asLong();
            for (JsonNode family : page.path("families")) {
                String id = family.path("store").asString() + " "
                        + family.path("family").asString();
                ObjectNode known = families.get(id);
                if (known == null) {
                    families.put(id, (ObjectNode) family);
                } else {
                    add(known, family);
                }
            }
        }

        private static void add(ObjectNode known, JsonNode more) {
            SUMS.forEach(sum ->
                    known.put(sum, known.path(sum).asLong() + more.path(sum).asLong()));
            bound(known, more, "shortest_ttl_ms", Math::min);
            bound(known, more, "longest_ttl_ms", Math::max);
            for (JsonNode fault : more.path("faults")) {
                if (known.path("faults").valueStream().noneMatch(fault::equals)) {
                    known.withArray("faults").add(fault);
                }
            }
        }

        private static void bound(ObjectNode known, JsonNode more, String name, LongBinaryOperator bound) {
            JsonNode other = more.path(name);
            if (!other.isNull()) {
                JsonNode mine = known.path(name);
                known.put(name, mine.isNull() ? other.asLong() : bound.applyAsLong(mine.asLong(), other.asLong()));
            }
        }

        long faults() {
            return families.values().stream()
                    .filter(family -> !family.path("faults").isEmpty())
                    .count();
        }

        ObjectNode json() {
            var json = JsonMapper.shared().createObjectNode().put("backend", backend);
            json.putArray("families").addAll(families.values());
            return json.put("moving", moving);
        }
    }

    @Override
    public Integer call() throws InterruptedException {
        var survey = new Survey();
        new Pages(options.server()).eachPage("/v1/keys?", survey::add);
        var out = spec.commandLine().getOut();
        if (options.json()) {
            out.println(survey.json());
        } else if (survey.backend.equals("memory")) {
            out.println("The server keeps all in memory: there are no keys.");
        } else {
            table(survey).print(out);
        }
        out.flush();
        return isAsItShouldBe(survey) ? SluiceCommand.done() : SluiceCommand.failed();
    }

    private boolean isAsItShouldBe(Survey survey) {
        var err = spec.commandLine().getErr();
        if (survey.faults() > 0) {
            err.println("sluice: " + survey.faults()
                    + " families have keys that nobody will remove, or that are not theirs: see FAULTS");
        }
        if (survey.moving > 0) {
            err.println("sluice: " + survey.moving
                    + " keys could not be looked at, since their slots are being moved: try again");
        }
        err.flush();
        return survey.faults() == 0 && survey.moving == 0;
    }

    private static Table table(Survey survey) {
        boolean several = survey.families.values().stream()
                .anyMatch(family -> !family.path("store").asString().equals("redis"));
        var headings = new ArrayList<>(List.of(
                "FAMILY", "TYPE", "CONTENT", "KEYS", "NO TTL", "TTL", "BYTES", "TTL, OR WHO REMOVES IT", "FAULTS"));
        if (several) {
            headings.addFirst("STORE");
        }
        var table = new Table(headings.toArray(String[]::new));
        for (JsonNode family : survey.families.values()) {
            var cells = new ArrayList<>(List.of(
                    family.path("family").asString(),
                    shown(family.path("type")),
                    shown(family.path("content")),
                    family.path("keys").asString(),
                    family.path("without_ttl").asString(),
                    ttl(family),
                    family.path("bytes").asString(),
                    shown(family.path("goes")),
                    String.join(
                            ",",
                            family.path("faults")
                                    .valueStream()
                                    .map(JsonNode::asString)
                                    .toList())));
            if (several) {
                cells.addFirst(family.path("store").asString());
            }
            table.row(cells);
        }
        return table;
    }

    /** The shortest and the longest, to the second. */
    private static String ttl(JsonNode family) {
        if (family.path("shortest_ttl_ms").isNull()) {
            return "-";
        }
        String shortest = seconds(family.path("shortest_ttl_ms"));
        String longest = seconds(family.path("longest_ttl_ms"));
        return shortest.equals(longest) ? shortest : shortest + "-" + longest;
    }

    private static String seconds(JsonNode millis) {
        return Span.show(Math.ceilDiv(millis.asLong(), 1_000) * 1_000);
    }

    private static String shown(JsonNode value) {
        return value.isNull() ? "-" : value.asString();
    }
}
