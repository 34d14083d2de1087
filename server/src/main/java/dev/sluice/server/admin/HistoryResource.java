package dev.sluice.server.admin;

import dev.sluice.history.Appended;
import dev.sluice.history.ChatRole;
import dev.sluice.history.ClientLoads;
import dev.sluice.history.ClientLoads.Found;
import dev.sluice.history.Histories;
import dev.sluice.history.History;
import dev.sluice.history.HistoryBounds;
import dev.sluice.history.HistoryEntry;
import dev.sluice.history.HistoryKey;
import dev.sluice.history.NewEntry;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** What was said last in each chat, for bots in any language. */
public final class HistoryResource implements Resource {
    private static final String PATH = "/v1/history/{bot}/{chat}";

    private static final Parameter<Long> BOT = Parameter.pathNumber("bot", 1, Long.MAX_VALUE, "The bot's id.");
    private static final Parameter<Long> CHAT = Parameter.pathNumber(
            "chat",
            -HistoryKey.GREATEST_ID,
            HistoryKey.GREATEST_ID,
            "The chat's id: of a private chat its user's, of groups and channels below 0.");
    private static final Parameter<Long> LIMIT = Parameter.queryNumber(
            "limit", 1, HistoryBounds.MOST_ENTRIES, HistoryBounds.MOST_ENTRIES, "How many of the newest entries.");
    private static final Parameter<Long> MAX_TOKENS = Parameter.queryNumber(
            "max_tokens",
            1,
            HistoryBounds.MOST_TOKENS,
            HistoryBounds.MOST_TOKENS,
            "How many tokens they may have together: of an entry that has more, and of those before it, nothing is shown.");

    private static final Parameter<Long> LEASE = Parameter.queryNumber(
            "lease_ms",
            0,
            ClientLoads.LONGEST_LEASE.toMillis(),
            0,
            "For how long the caller would load it from its own database, in milliseconds, from 100 on; 0: it would not.");

    private static final Shape ROLE = Text.matching("user|assistant|system");
    private static final Shape USER = new Whole(1, HistoryKey.GREATEST_ID);
    private static final Shape TOKENS = new Whole(0, NewEntry.MOST_TOKENS);
    private static final Shape ID = new FreeText(1, NewEntry.LONGEST_ID, false);
    private static final Shape TEXT = new FreeText(0, NewEntry.LARGEST, false);

    private static final Shape NEW_ENTRY = new Named(
            "NewHistoryEntry",
            Fields.of(
                    Field.required("role", ROLE, "Who said it."),
                    Field.required("text", TEXT, "What, at most 65,536 bytes of UTF-8."),
                    Field.optional(
                            "id",
                            ID,
                            "Tells repeats: Telegram's id of the message, as text, or another that is the same when the same is brought again."
                                    + " What has none is always new."),
                    Field.optional(
                            "date",
                            new Whole(0, 2L * Integer.MAX_VALUE),
                            "When it was said, seconds since 1970, as Telegram says it; now unless given."),
                    Field.optional(
                            "user",
                            USER,
                            "Whose text it is, for their privacy level; in a private chat its user's unless given, and nobody else's."),
                    Field.optional("tokens", TOKENS, "How many a model counts for it; estimated unless given.")));
    private static final Shape ENTRY = new Named(
            "HistoryEntry",
            Fields.of(
                    Field.required("role", ROLE, "Who said it."),
                    Field.required("text", TEXT, "What."),
                    Field.required("id", ID, "As it was brought; one of its own if none was."),
                    Field.required("time", Text.time(), "When it was said."),
                    Field.required("user", new OrNull(USER), "Whose text it is, if that is known."),
                    Field.required("tokens", TOKENS, "How many a model counts for it.")));
    private static final Field LOADED = Field.required(
            "loaded",
            new OrNull(new Flag()),
            "Whether a bot has loaded it from its database, or nothing may be; null unless `lease_ms` was given.");
    private static final Field FENCE = Field.required(
            "fence",
            new OrNull(Text.any()),
            "There if the caller is to load it, and put it here with this fence. If it is neither loaded nor the caller's to load, somebody else"
                    + " does, or Redis is down.");
    private static final Shape HISTORY = new Named(
            "History",
            Fields.of(
                    Field.required(
                            "entries",
                            new ListOf(ENTRY, HistoryBounds.MOST_ENTRIES),
                            "In the order in which they were appended, the newest last."),
                    Field.required("tokens", new Whole(0, Integer.MAX_VALUE), "Of all of them."),
                    Field.required(
                            "version",
                            StateJson.VERSION,
                            "Greater after each change; 0 if nothing is known of the chat."),
                    Field.required(
                            "complete",
                            new Flag(),
                            "Whether nothing is missing for all that is known. False while Redis is down, if something was encrypted with a key"
                                    + " that is not known here, and of users whose texts are in processes' own memory only."),
                    LOADED,
                    FENCE));
    private static final Shape APPENDED = new Named(
            "HistoryAppend",
            Fields.of(
                    Field.required("added", new Whole(0, Histories.MOST_AT_ONCE), "How many were new."),
                    Field.required(
                            "duplicates", new Whole(0, Histories.MOST_AT_ONCE), "How many were there, by their ids."),
                    Field.required("version", StateJson.VERSION, "As it is now; 0 if that is not known."),
                    Field.required(
                            "shared",
                            new Flag(),
                            "Whether all of it is where other replicas see it; otherwise some of it is in this one's memory, until Redis is back"
                                    + " or for good.")));

    private final Histories histories;
    private final ClientLoads loads;

    public HistoryResource(Histories histories) {
        this.histories = histories;
        this.loads = histories.clientLoads();
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get(PATH, "getHistory", "Shows what was said last in a chat.")
                        .asGuard()
                        .with(BOT, CHAT, LIMIT, MAX_TOKENS, LEASE)
                        .answers(200, "What was said.", HISTORY)
                        .by(this::look),
                Operation.post(PATH, "appendHistory", "Appends what was said, and drops the oldest that is too much.")
                        .asGuard()
                        .with(BOT, CHAT)
                        .takes(Fields.of(Field.required(
                                "entries",
                                new ListOf(NEW_ENTRY, Histories.MOST_AT_ONCE),
                                "One or several, in their order.")))
                        .answers(200, "What became of them.", APPENDED)
                        .refuses(ProblemKind.STORE)
                        .by(this::append),
                Operation.put(
                                PATH,
                                "fillHistory",
                                "Puts what a bot loaded from its database among what is there, once each, by their ids.")
                        .asGuard()
                        .with(BOT, CHAT)
                        .takes(Fields.of(
                                Field.required("fence", Text.any(), "As it was handed over."),
                                Field.required(
                                        "entries",
                                        new ListOf(NEW_ENTRY, HistoryBounds.MOST_ENTRIES),
                                        "What was said last, the oldest first; none: nothing was.")))
                        .answers(
                                200,
                                "Whether it was.",
                                Fields.of(Field.required(
                                        "filled",
                                        new Flag(),
                                        "False if the history was cleared meanwhile, or the caller took too long.")))
                        .refuses(ProblemKind.STORE)
                        .by(request -> AdminResponse.json(
                                200, Map.of("filled", loads.fill(key(request), fence(request), entries(request))))),
                Operation.delete(PATH, "clearHistory", "Nothing is kept of the chat afterwards.")
                        .asGuard()
                        .with(BOT, CHAT)
                        .answers(
                                200,
                                "How many entries there were.",
                                Fields.of(Field.required("removed", new Whole(0, Integer.MAX_VALUE), "Of the chat.")))
                        .refuses(ProblemKind.STORE)
                        .by(request -> AdminResponse.json(200, Map.of("removed", histories.clear(key(request))))));
    }

    private AdminResponse look(AdminRequest request) {
        HistoryKey key = key(request);
        int limit = Math.toIntExact(request.get(LIMIT));
        int tokens = Math.toIntExact(request.get(MAX_TOKENS));
        if (request.get(LEASE) == 0) {
            return AdminResponse.json(200, shown(histories.read(key, limit, tokens), Optional.empty()));
        }
        Found found =
                StateJson.read("lease_ms", () -> loads.find(key, limit, tokens, Duration.ofMillis(request.get(LEASE))));
        return AdminResponse.json(200, shown(found.history(), Optional.of(found)));
    }

    private AdminResponse append(AdminRequest request) {
        HistoryKey key = key(request);
        List<NewEntry> entries = entries(request);
        Appended appended = StateJson.read("/entries", () -> histories.append(key, entries));
        return AdminResponse.json(
                200,
                Map.of(
                        "added", appended.added(),
                        "duplicates", appended.duplicates(),
                        "version", appended.version(),
                        "shared", appended.shared()));
    }

    private static List<NewEntry> entries(AdminRequest request) {
        return StateJson.read(
                "/entries",
                () -> request.body()
                        .path("entries")
                        .valueStream()
                        .map(HistoryResource::entry)
                        .toList());
    }

    private static String fence(AdminRequest request) {
        return request.body().path("fence").asString();
    }

    private static NewEntry entry(JsonNode json) {
        NewEntry entry = NewEntry.of(
                ChatRole.of(json.path("role").asString()), json.path("text").asString());
        if (json.has("id")) {
            entry = entry.id(json.path("id").asString());
        }
        if (json.has("date")) {
            entry = entry.at(Instant.ofEpochSecond(json.path("date").asLong()));
        }
        if (json.has("user")) {
            entry = entry.from(json.path("user").asLong());
        }
        return json.has("tokens") ? entry.tokens(json.path("tokens").asInt()) : entry;
    }

    private static Map<String, Object> shown(History history, Optional<Found> found) {
        var json = new LinkedHashMap<String, Object>();
        json.put(
                "entries",
                history.entries().stream().map(HistoryResource::shown).toList());
        json.put("tokens", history.tokens());
        json.put("version", history.version());
        json.put("complete", history.complete());
        json.put("loaded", found.map(Found::loaded).orElse(null));
        json.put("fence", found.flatMap(Found::fence).orElse(null));
        return json;
    }

    private static Map<String, Object> shown(HistoryEntry entry) {
        var json = new LinkedHashMap<String, Object>();
        json.put("role", entry.role().word());
        json.put("text", entry.text());
        json.put("id", entry.id());
        json.put("time", entry.time().toString());
        json.put("user", entry.user().isPresent() ? entry.user().getAsLong() : null);
        json.put("tokens", entry.tokens());
        return json;
    }

    private static HistoryKey key(AdminRequest request) {
        return StateJson.read("chat", () -> new HistoryKey(new BotId(request.get(BOT)), request.get(CHAT)));
    }
}
