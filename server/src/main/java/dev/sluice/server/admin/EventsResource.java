package dev.sluice.server.admin;

import dev.sluice.event.EventDeduplicator;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/** Which events of a stream are new: for programs in any language that count each once. */
public final class EventsResource implements Resource {
    private static final String STREAM_FORM = "[A-Za-z0-9_-]{1,64}";
    private static final Parameter<String> STREAM = new Parameter<>(
            Parameter.In.PATH,
            "stream",
            "What the ids are unique in.",
            Text.matching(STREAM_FORM),
            "1 to 64 of A-Z a-z 0-9 _ -",
            EventsResource::stream,
            Optional.empty());
    private static final Shape IDS = Fields.of(Field.required(
            "ids",
            new ListOf(new FreeText(1, EventDeduplicator.LONGEST_ID, true), EventDeduplicator.LARGEST_BATCH),
            "Ids of events; only digests are kept."));
    private static final Shape COUNT = new Whole(0, EventDeduplicator.LARGEST_BATCH);

    private final EventDeduplicator events;
    private final Counting counting;

    /** Hears how many of a stream's events were new and how many came before. */
    @FunctionalInterface
    public interface Counting {
        void seen(String stream, int first, int before);
    }

    public EventsResource(EventDeduplicator events, Counting counting) {
        this.events = events;
        this.counting = counting;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.post(
                                "/v1/events/{stream}",
                                "markEvents",
                                "Tells which events are new within the window, and marks them, in one step.")
                        .asGuard()
                        .with(STREAM)
                        .takes(IDS)
                        .answers(
                                200,
                                "By position.",
                                Fields.of(
                                        Field.required(
                                                "new",
                                                new ListOf(new Flag(), EventDeduplicator.LARGEST_BATCH),
                                                "Whether each is new; of an id that is there twice, only the first."),
                                        Field.required("duplicates", COUNT, "How many are not.")))
                        .refuses(ProblemKind.STORE)
                        .by(this::mark),
                Operation.post(
                                "/v1/events/{stream}/forget",
                                "forgetEvents",
                                "Takes marks back, of events that could not be counted after all.")
                        .asGuard()
                        .with(STREAM)
                        .takes(IDS)
                        .answers(
                                200,
                                "They are new once more.",
                                Fields.of(Field.required("forgotten", COUNT, "How many were marked.")))
                        .refuses(ProblemKind.STORE)
                        .by(request -> AdminResponse.json(
                                200, Map.of("forgotten", events.forget(request.get(STREAM), ids(request))))));
    }

    private AdminResponse mark(AdminRequest request) {
        List<String> ids = ids(request);
        BitSet first = events.firstSeen(request.get(STREAM), ids);
        int before = ids.size() - first.cardinality();
        counting.seen(request.get(STREAM), first.cardinality(), before);
        return AdminResponse.json(
                200,
                Map.of(
                        "new",
                        IntStream.range(0, ids.size()).mapToObj(first::get).toList(),
                        "duplicates",
                        before));
    }

    private static List<String> ids(AdminRequest request) {
        return request.body().path("ids").valueStream().map(JsonNode::asString).toList();
    }

    private static String stream(String text) {
        if (!text.matches(STREAM_FORM)) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
