package dev.sluice.server.admin;

import dev.sluice.keys.FamilyCount;
import dev.sluice.keys.KeyContent;
import dev.sluice.keys.KeyFamily;
import dev.sluice.keys.KeyFault;
import dev.sluice.keys.KeySurvey;
import dev.sluice.keys.KeyType;
import dev.sluice.keys.SurveyPage;
import dev.sluice.redis.ScanPosition;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is in Redis, by families of keys: for operators, who want to see that nothing stays for ever. */
public final class KeysResource implements Resource {
    private static final Shape COUNT = new Whole(0, Long.MAX_VALUE);
    private static final Shape MILLIS = new OrNull(COUNT);

    /** All families, and strangers as far as they are told apart. */
    private static final int MOST_FAMILIES = 1_000;

    private static final Shape FAMILY = new Shape.Named(
            "KeyFamily",
            Fields.of(
                    Field.required("store", Text.any(), "Which Redis: redis, or cache."),
                    Field.required(
                            "family", Text.any(), "The names, behind the prefix; of unknown ones with all ids masked."),
                    Field.required(
                            "type",
                            new OrNull(words(KeyType.values(), KeyType::word)),
                            "Redis' type; null if unknown."),
                    Field.required(
                            "content",
                            new OrNull(words(KeyContent.values(), KeyContent::word)),
                            "What can be read of the values; null if unknown."),
                    Field.required(
                            "owned", new Flag(), "Whether keys may be without a TTL, since somebody removes them."),
                    Field.required("goes", new OrNull(Text.any()), "When the TTL ends, or who removes them."),
                    Field.required("keys", COUNT, "How many there are."),
                    Field.required("without_ttl", COUNT, "How many of these have no TTL."),
                    Field.required("other_type", COUNT, "How many of these are of another type."),
                    Field.required("shortest_ttl_ms", MILLIS, "The shortest TTL; null if there is none."),
                    Field.required("longest_ttl_ms", MILLIS, "The longest TTL; null if there is none."),
                    Field.required("bytes", COUNT, "What they take, about; 0 where Redis does not tell."),
                    Field.required(
                            "faults",
                            new ListOf(words(KeyFault.values(), KeyFault::word), KeyFault.values().length),
                            "What is wrong with them.")));

    /**
     * A Redis that keys lie in.
     *
     * @param name 1 or more of {@code a-z}
     */
    private record Store(String name, KeySurvey survey) {}

    /** Where a survey goes on: in which store, and where there. */
    private record Place(String store, String cursor) {}

    private final List<Store> stores;
    private final Parameter<Optional<Place>> cursor;

    /** @param cache the caches' Redis, if they have one of their own */
    public static KeysResource of(Optional<KeySurvey> redis, Optional<KeySurvey> cache) {
        return new KeysResource(Stream.of(
                        redis.map(survey -> new Store("redis", survey)),
                        cache.map(survey -> new Store("cache", survey)))
                .flatMap(Optional::stream)
                .toList());
    }

    /** @param stores in the order in which they are read; none if all is in memory */
    private KeysResource(List<Store> stores) {
        this.stores = List.copyOf(stores);
        this.cursor = Parameter.query(
                "cursor",
                Text.any(),
                "the next_cursor of an earlier page",
                text -> Optional.of(place(text)),
                Optional.empty(),
                "The next_cursor of the page before.");
    }

    @Override
    public List<Operation> operations() {
        return List.of(Operation.get(
                        "/v1/keys",
                        "surveyKeys",
                        "Counts the keys in Redis by family, some thousand at a time; the first page lists all families.")
                .with(cursor)
                .answers(
                        200,
                        "What was counted on this page: add it to that of the others.",
                        Fields.of(
                                Field.required("backend", Text.matching("redis|memory"), "Where the state is."),
                                Field.required("families", new ListOf(FAMILY, MOST_FAMILIES), "By family."),
                                Field.required("moving", COUNT, "Keys out of reach, since a Cluster moved their slot."),
                                Paging.NEXT))
                .refuses(ProblemKind.STORE)
                .by(this::survey));
    }

    private AdminResponse survey(AdminRequest request) {
        if (stores.isEmpty()) {
            return page("memory", List.of(), 0, Optional.empty());
        }
        Optional<Place> given = request.get(cursor);
        Place place = given.orElse(new Place(stores.getFirst().name(), KeySurvey.START));
        Store store = find(place.store());
        SurveyPage page = store.survey().look(place.cursor());
        List<FamilyCount> families = given.isEmpty() ? withAll(page.families()) : page.families();
        Optional<String> next = page.next()
                .map(more -> store.name() + "." + more)
                .or(() -> stores.stream()
                        .skip(stores.indexOf(store) + 1L)
                        .findFirst()
                        .map(other -> other.name() + "." + KeySurvey.START));
        return page("redis", families.stream().map(count -> json(store, count)).toList(), page.moving(), next);
    }

    /** With those of which there is nothing, in the table's order. */
    private static List<FamilyCount> withAll(List<FamilyCount> counts) {
        var all = new LinkedHashMap<String, FamilyCount>();
        KeySurvey.nothing().forEach(none -> all.put(none.name(), none));
        counts.forEach(count -> all.put(count.name(), count));
        return List.copyOf(all.values());
    }

    private static AdminResponse page(
            String backend, List<Map<String, Object>> families, long moving, Optional<String> next) {
        var json = new LinkedHashMap<String, Object>();
        json.put("backend", backend);
        json.put("families", families);
        json.put("moving", moving);
        json.put("next_cursor", next.orElse(null));
        return AdminResponse.json(200, json);
    }

    private static Map<String, Object> json(Store store, FamilyCount count) {
        Optional<KeyFamily> family = count.family();
        var json = new LinkedHashMap<String, Object>();
        json.put("store", store.name());
        json.put("family", count.name());
        json.put("type", family.map(known -> known.type().word()).orElse(null));
        json.put("content", family.map(known -> known.content().word()).orElse(null));
        json.put("owned", family.map(KeyFamily::owned).orElse(false));
        json.put("goes", family.map(KeyFamily::goes).orElse(null));
        json.put("keys", count.keys());
        json.put("without_ttl", count.withoutTtl());
        json.put("other_type", count.ofOtherType());
        json.put("shortest_ttl_ms", orNull(count.shortestMillis()));
        json.put("longest_ttl_ms", orNull(count.longestMillis()));
        json.put("bytes", count.bytes());
        json.put("faults", count.faults().stream().map(KeyFault::word).toList());
        return json;
    }

    private static @Nullable Long orNull(OptionalLong millis) {
        return millis.isPresent() ? millis.getAsLong() : null;
    }

    private Place place(String text) {
        int dot = text.indexOf('.');
        if (dot < 0) {
            throw new IllegalArgumentException();
        }
        String at = text.substring(dot + 1);
        // Only to see whether it is one.
        var unused = ScanPosition.parse(at);
        return new Place(find(text.substring(0, dot)).name(), at);
    }

    private Store find(String name) {
        return stores.stream()
                .filter(store -> store.name().equals(name))
                .findFirst()
                .orElseThrow(IllegalArgumentException::new);
    }

    private static <E> Shape words(E[] values, Function<E, String> word) {
        return Text.matching(Arrays.stream(values)
                .map(word)
                .map(text -> text.replace("?", "\\?"))
                .collect(Collectors.joining("|")));
    }
}
