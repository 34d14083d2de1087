package dev.sluice.server.admin;

import dev.sluice.broadcast.BroadcastId;
import dev.sluice.broadcast.BroadcastStore;
import dev.sluice.broadcast.RecipientOutcome;
import dev.sluice.encryption.Sealer;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.server.broadcast.Chunk;
import dev.sluice.server.broadcast.Recipient;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What became of a broadcast's recipients, page by page. */
final class RecipientPages {
    private static final String WORDS =
            "waiting|queued|sent|refused|exhausted|expired|cancelled|superseded|suppressed|skipped|unknown";

    static final Parameter<Optional<RecipientOutcome>> OUTCOME = Parameter.query(
            "outcome",
            Text.matching(WORDS),
            "one of " + WORDS.replace("|", ", "),
            text -> Optional.of(RecipientOutcome.valueOf(text.toUpperCase(Locale.ROOT))),
            Optional.empty(),
            "Only those that came to this.");

    private static final Shape RECIPIENT = Fields.of(
            Field.required("recipient", new Whole(0, BroadcastStore.MOST_RECIPIENTS), "Its place, from 0."),
            Field.required(
                    "chat_id",
                    new OrNull(new Whole(Long.MIN_VALUE, Long.MAX_VALUE)),
                    "Its chat; null if that cannot be read any more."),
            Field.required("outcome", Text.matching(WORDS), "What became of it."));
    static final Shape SHAPE = Fields.of(
            Field.required("results", new ListOf(RECIPIENT, 200), "In the order of the upload."), Paging.NEXT);

    private final BroadcastStore store;
    private final Sealer sealer;

    RecipientPages(BroadcastStore store, Sealer sealer) {
        this.store = store;
        this.sealer = sealer;
    }

    /** A page; empty if there is no such broadcast. */
    Optional<Map<String, Object>> page(AdminRequest request) {
        BroadcastId id = request.get(BroadcastJson.ID);
        int limit = Math.toIntExact(request.get(Paging.LIMIT));
        int from = Math.toIntExact(Math.min(request.get(Paging.CURSOR), BroadcastStore.MOST_RECIPIENTS));
        Optional<RecipientOutcome> wanted = request.get(OUTCOME);
        // Whoever looks for few among many gets short pages, rather than one that takes long.
        int read = wanted.isEmpty() ? limit : BroadcastStore.MOST_READ;
        return store.outcomes(id, from, read)
                .map(outcomes -> page(id, from, limit, outcomes, outcomes.size() < read, wanted));
    }

    private Map<String, Object> page(
            BroadcastId id,
            int from,
            int limit,
            List<RecipientOutcome> outcomes,
            boolean last,
            Optional<RecipientOutcome> wanted) {
        var results = new ArrayList<Map<String, Object>>();
        var chunks = new Chunks(id);
        int next = from;
        for (RecipientOutcome outcome : outcomes) {
            if (results.size() == limit) {
                break;
            }
            if (wanted.isEmpty() || wanted.get() == outcome) {
                var result = new LinkedHashMap<String, Object>();
                result.put("recipient", next);
                result.put("chat_id", chunks.chat(next).orElse(null));
                result.put("outcome", BroadcastJson.word(outcome));
                results.add(result);
            }
            next++;
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("results", results);
        json.put("next_cursor", last && next == from + outcomes.size() ? null : Paging.after(next));
        return json;
    }

    /** The chunk that was last asked for: recipients are asked for in their order. Not thread-safe. */
    private final class Chunks {
        private final BroadcastId id;
        private int number = -1;
        private List<Recipient> recipients = List.of();

        Chunks(BroadcastId id) {
            this.id = id;
        }

        Optional<Long> chat(int recipient) {
            int wanted = recipient / BroadcastStore.CHUNK;
            if (wanted != number) {
                number = wanted;
                recipients = store.chunk(id, number)
                        .map(packed -> Chunk.open(sealer, id.bot(), packed))
                        .orElseGet(List::of);
            }
            int at = recipient % BroadcastStore.CHUNK;
            return at < recipients.size() ? Optional.of(recipients.get(at).chat()) : Optional.empty();
        }
    }
}
