package dev.sluice.server.admin;

import dev.sluice.encryption.Sealer;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.Restored;
import dev.sluice.queue.SnapshotPage;
import dev.sluice.queue.Snapshots;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Queues as files, and files as queues. */
public final class SnapshotsResource implements Resource {
    /** Where to go on with an export; not there after the last page. */
    static final String NEXT = "X-Sluice-Next-Cursor";

    private static final int PAGE_CHARACTERS = 1 << 20;
    private static final int PAGE_STEPS = 100;
    private static final Shape COUNT = new Whole(0, Long.MAX_VALUE);

    private static final Parameter<String> CURSOR = Parameter.query(
            "cursor",
            Text.matching("[0-9]{1,20}"),
            "the value of " + NEXT + " of the page before",
            SnapshotsResource::cursor,
            Snapshots.START,
            "Where to go on.");
    private static final Parameter<Boolean> OLDER = Parameter.query(
            "older",
            Text.matching("true|false"),
            "true or false",
            text -> {
                if (!List.of("true", "false").contains(text)) {
                    throw new IllegalArgumentException();
                }
                return Boolean.valueOf(text);
            },
            false,
            "Whether a snapshot is taken that is older than what is remembered of sent messages.");

    private final MessageQueue queue;
    private final Sealer sealer;
    private final Duration keep;
    private final InstantSource clock;

    /** @param keep how long it is remembered what was sent */
    public SnapshotsResource(MessageQueue queue, Sealer sealer, Duration keep, InstantSource clock) {
        this.queue = queue;
        this.sealer = sealer;
        this.keep = keep;
        this.clock = clock;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/v1/queue/{bot}/export", "exportQueue", "A bot's messages as lines of JSON.")
                        .with(MessageJson.BOT, CURSOR)
                        .answersText(
                                200, "A page; the header " + NEXT + " says where to go on.", SnapshotLines.MEDIA_TYPE)
                        .refuses(ProblemKind.STORE)
                        .by(this::page),
                Operation.post("/v1/queue/import", "importQueues", "Puts exported messages back, each at most once.")
                        .with(OLDER)
                        .streams(SnapshotLines.MEDIA_TYPE, "Exported lines, of any number of bots.")
                        .answers(
                                200,
                                "What became of the messages.",
                                Fields.of(
                                        Field.required("added", COUNT, "They are there again."),
                                        Field.required("known", COUNT, "They were there."),
                                        Field.required("key_taken", COUNT, "Others came under their keys."),
                                        Field.required("forgotten", COUNT, "They had ended too long ago."),
                                        Field.required("full", COUNT, "The bot's queue has no room."),
                                        Field.required("ahead", COUNT, "Their ids are of a time to come."),
                                        Field.required("complete", new Shape.Flag(), "Whether no end was missing.")))
                        .refuses(SnapshotImport.OLD, ProblemKind.STORE)
                        .by(this::restore));
    }

    private AdminResponse page(AdminRequest request) {
        BotId bot = MessageJson.bot(request);
        Optional<String> cursor = Optional.of(request.get(CURSOR));
        var lines = new StringBuilder();
        if (cursor.get().equals(Snapshots.START)) {
            lines.append(SnapshotLines.head(bot, clock.instant())).append('\n');
        }
        for (int step = 0; step < PAGE_STEPS && cursor.isPresent() && lines.length() < PAGE_CHARACTERS; step++) {
            SnapshotPage page = queue.snapshots().read(bot, cursor.get());
            page.messages()
                    .forEach(message ->
                            lines.append(SnapshotLines.message(message)).append('\n'));
            cursor = page.next();
        }
        if (cursor.isEmpty()) {
            lines.append(SnapshotLines.end(bot)).append('\n');
        }
        return new AdminResponse(
                200,
                SnapshotLines.MEDIA_TYPE,
                lines.toString(),
                cursor.map(next -> Map.of(NEXT, next)).orElse(Map.of()));
    }

    /** As far as Redis' cursors go, which have no sign: it would call more than 64 bits an error. */
    private static String cursor(String text) {
        if (!text.matches("[0-9]{1,20}")) {
            throw new IllegalArgumentException();
        }
        return Long.toUnsignedString(Long.parseUnsignedLong(text));
    }

    private AdminResponse restore(AdminRequest request) {
        var restoring = new SnapshotImport(queue, sealer, keep, clock.instant(), request.get(OLDER));
        restoring.run(request.stream());
        var json = new LinkedHashMap<String, Object>();
        for (Restored restored : Restored.values()) {
            json.put(MessageJson.word(restored).replace('-', '_'), restoring.count(restored));
        }
        json.put("complete", restoring.isComplete());
        return AdminResponse.json(200, json);
    }
}
