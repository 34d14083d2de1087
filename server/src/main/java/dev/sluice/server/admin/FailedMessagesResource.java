package dev.sluice.server.admin;

import dev.sluice.encryption.Sealer;
import dev.sluice.queue.DeadLetters;
import dev.sluice.queue.ListFilter;
import dev.sluice.queue.MessageQueue;
import dev.sluice.queue.Page;
import dev.sluice.queue.Swept;
import dev.sluice.queue.UnknownMessages.Resolution;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/** Messages that somebody has to look at: dead letters, and those of which nobody knows whether they were sent. */
public final class FailedMessagesResource implements Resource {
    /** What one request may change: some seconds of work. */
    private static final int MOST_STEPS = 50;

    private static final Shape PAGE = Fields.of(
            Field.required("messages", new ListOf(MessageJson.SHAPE, DeadLetters.LOOKED_AT), "Oldest first."),
            Paging.NEXT);
    private static final Shape SWEPT =
            Fields.of(Field.required("changed", new Whole(0, Long.MAX_VALUE), "How many were."), Paging.NEXT);

    private static final Field AS = Field.required(
            "as",
            Text.matching("sent|failed|requeue"),
            "sent: Telegram has it. failed: it has not. requeue: send it (again).");
    private static final Shape RESOLUTIONS = ListParameters.bodyWith(AS);

    private final MessageQueue queue;
    private final Sealer sealer;

    public FailedMessagesResource(MessageQueue queue, Sealer sealer) {
        this.queue = queue;
        this.sealer = sealer;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                list("/v1/dlq/{bot}", "listDeadLetters", "Lists dead letters.")
                        .by(request -> page(
                                request,
                                (filter, cursor, max) ->
                                        queue.deadLetters().page(MessageJson.bot(request), filter, cursor, max))),
                list("/v1/unknown/{bot}", "listUnknown", "Lists messages that Telegram may have.")
                        .by(request -> page(
                                request,
                                (filter, cursor, max) ->
                                        queue.unknowns().page(MessageJson.bot(request), filter, cursor, max))),
                sweep("/v1/dlq/{bot}/requeue", "requeueDeadLetters", "Puts all that match back into their lanes.")
                        .by(request -> swept(
                                request,
                                cursor -> queue.deadLetters()
                                        .requeueAll(
                                                MessageJson.bot(request),
                                                ListParameters.filter(request.body()),
                                                cursor))),
                sweep("/v1/dlq/{bot}/purge", "purgeDeadLetters", "Forgets all that match.")
                        .by(request -> swept(
                                request,
                                cursor -> queue.deadLetters()
                                        .purgeAll(
                                                MessageJson.bot(request),
                                                ListParameters.filter(request.body()),
                                                cursor))),
                sweep("/v1/unknown/{bot}/resolve", "resolveUnknown", "Says what became of all that match.")
                        .takes(RESOLUTIONS)
                        .by(request -> swept(
                                request,
                                cursor -> queue.unknowns()
                                        .resolveAll(
                                                MessageJson.bot(request),
                                                ListParameters.filter(request.body()),
                                                cursor,
                                                resolution(request)))),
                one("/v1/messages/{id}/requeue", "requeueMessage", "Puts a dead letter back into its lane.")
                        .by(request -> MessageJson.answer(queue.deadLetters().requeue(request.get(MessageJson.ID)))),
                one("/v1/messages/{id}/purge", "purgeMessage", "Forgets a dead letter.")
                        .by(request -> MessageJson.answer(queue.deadLetters().purge(request.get(MessageJson.ID)))),
                one("/v1/messages/{id}/resolve", "resolveMessage", "Says what became of an unknown message.")
                        .takes(Fields.of(AS))
                        .by(request -> MessageJson.answer(
                                queue.unknowns().resolve(request.get(MessageJson.ID), resolution(request)))));
    }

    private static Resolution resolution(AdminRequest request) {
        return Resolution.valueOf(request.body().path("as").asString().toUpperCase(Locale.ROOT));
    }

    private static Operation.Builder list(String path, String id, String summary) {
        return Operation.get(path, id, summary)
                .with(MessageJson.BOT, Paging.LIMIT, Paging.CURSOR)
                .with(ListParameters.CHAT, ListParameters.REASON, ListParameters.FROM, ListParameters.UNTIL)
                .answers(200, "A page; it may be short or empty although there is a next one.", PAGE)
                .refuses(ProblemKind.STORE);
    }

    private static Operation.Builder sweep(String path, String id, String summary) {
        return Operation.post(path, id, summary)
                .with(MessageJson.BOT, Paging.CURSOR)
                .takes(ListParameters.BODY)
                .answers(200, "How many were; there may be more if there is a cursor.", SWEPT)
                .refuses(ProblemKind.STORE);
    }

    private static Operation.Builder one(String path, String id, String summary) {
        return Operation.post(path, id, summary)
                .with(MessageJson.ID)
                .answers(204, "It is done.")
                .refuses(MessageJson.MISSING, MessageJson.IN_FLIGHT, MessageJson.WRONG_STATE, ProblemKind.STORE);
    }

    /** Reads a part of a list. */
    @FunctionalInterface
    private interface Reader {
        Page read(ListFilter filter, long cursor, int max);
    }

    private AdminResponse page(AdminRequest request, Reader reader) {
        int limit = Math.toIntExact(request.get(Paging.LIMIT));
        Page page = reader.read(ListParameters.filter(request), request.get(Paging.CURSOR), limit);
        var messages = new ArrayList<Object>();
        page.items().forEach(message -> messages.add(MessageJson.of(message, sealer)));
        var json = new LinkedHashMap<String, Object>();
        json.put("messages", messages);
        json.put(
                "next_cursor",
                page.next().isPresent() ? Paging.after(page.next().getAsLong()) : null);
        return AdminResponse.json(200, json);
    }

    private static AdminResponse swept(AdminRequest request, LongFunction<Swept> step) {
        long changed = 0;
        OptionalLong next = OptionalLong.of(request.get(Paging.CURSOR));
        for (int i = 0; i < MOST_STEPS && next.isPresent(); i++) {
            Swept swept = step.apply(next.getAsLong());
            changed += swept.changed();
            next = swept.next();
        }
        var json = new LinkedHashMap<String, Object>();
        json.put("changed", changed);
        json.put("next_cursor", next.isPresent() ? Paging.after(next.getAsLong()) : null);
        return AdminResponse.json(200, json);
    }
}
