package dev.sluice.server.admin;

import dev.sluice.server.admin.Shape.AnyValue;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.session.Session;
import dev.sluice.session.SessionAnswer;
import dev.sluice.session.SessionKey;
import dev.sluice.session.SessionWrite;
import dev.sluice.session.SessionWrite.Setting;
import dev.sluice.session.Sessions;
import dev.sluice.telegram.BotId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Sessions for bots in any language. */
public final class SessionsResource implements Resource {
    private static final String PATH = "/v1/sessions/{bot}/{user}";

    private static final Parameter<Long> BOT = Parameter.pathNumber("bot", 1, Long.MAX_VALUE, "The bot's id.");
    private static final Parameter<Long> USER = Parameter.pathNumber("user", 1, 1L << 53, "The user's id.");

    private static final Field EXPECTED_VERSION = Field.optional(
            "expected_version", StateJson.VERSION, "Only if nobody has changed it since; 0: only if there is nothing.");
    private static final Shape ENTRY = new Named(
            "SessionEntry",
            Fields.of(
                    Field.required("value", new AnyValue(), "As it was added."),
                    Field.required("at", Text.time(), "When.")));
    private static final Shape SETTING = new Named(
            "SessionSetting",
            Fields.of(
                    Field.required("value", new AnyValue(), "As it was put."),
                    Field.required(
                            "ends", new OrNull(Text.time()), "When it does by itself; null: with the session.")));
    private static final Shape SESSION = new Named(
            "Session",
            Fields.of(
                    Field.required("version", StateJson.VERSION, "Greater after each change; 0 if there is nothing."),
                    Field.required("actions", new ListOf(ENTRY, Sessions.MOST_ACTIONS), "The last, the newest last."),
                    Field.required("settings", StateJson.fields(SETTING, Sessions.MOST_SETTINGS), "By their names."),
                    Field.required("history", new ListOf(ENTRY, Sessions.MOST_HISTORY), "The newest last.")));
    private static final Shape WRITTEN = new Named(
            "SessionWrite",
            Fields.of(
                    Field.required("changed", new Flag(), "Whether it was as expected, and the write is done."),
                    Field.required("version", StateJson.VERSION, "As it is now.")));

    private final Sessions sessions;

    public SessionsResource(Sessions sessions) {
        this.sessions = sessions;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get(PATH, "getSession", "Shows what is kept of a user, and touches it.")
                        .asGuard()
                        .with(BOT, USER)
                        .answers(200, "What is kept.", SESSION)
                        .refuses(ProblemKind.STORE, StateJson.UNREADABLE)
                        .by(request ->
                                AdminResponse.json(200, shown(StateJson.asked(() -> sessions.find(key(request)))))),
                Operation.patch(PATH, "changeSession", "Adds, puts and removes in one step, if it is as expected.")
                        .asGuard()
                        .with(BOT, USER)
                        .takes(Fields.of(
                                Field.optional(
                                        "actions",
                                        new ListOf(new AnyValue(), Sessions.MOST_ACTIONS),
                                        "Are added; the last 20 are kept."),
                                Field.optional(
                                        "settings",
                                        StateJson.fields(new AnyValue(), Sessions.MOST_SETTINGS),
                                        "Are put beside those that are there."),
                                Field.optional(
                                        "ttl_ms",
                                        new Whole(1, Sessions.LONGEST_KEEP.toMillis()),
                                        "After which the settings of this request end; with the session unless given."),
                                Field.optional(
                                        "remove",
                                        StateJson.names(Sessions.MOST_SETTINGS),
                                        "Names of settings that go; those that are not there do no harm."),
                                Field.optional(
                                        "history",
                                        new ListOf(new AnyValue(), Sessions.MOST_HISTORY),
                                        "Is added; the last 50 are kept."),
                                EXPECTED_VERSION))
                        .answers(200, "Whether it was changed.", WRITTEN)
                        .refuses(ProblemKind.STORE, StateJson.TOO_MUCH, StateJson.FULL)
                        .by(request -> written(request, StateJson.read(() -> change(request.body())))),
                Operation.delete(PATH, "clearSession", "Nothing is kept of the user afterwards, if it is as expected.")
                        .asGuard()
                        .with(BOT, USER)
                        .mayTake(Fields.of(EXPECTED_VERSION))
                        .answers(200, "Whether it was cleared.", WRITTEN)
                        .refuses(ProblemKind.STORE, StateJson.FULL)
                        .by(request -> written(
                                request,
                                new SessionWrite(
                                        StateJson.number(request.body(), "expected_version"),
                                        true,
                                        List.of(),
                                        Map.of(),
                                        Set.of(),
                                        List.of()))));
    }

    private AdminResponse written(AdminRequest request, SessionWrite write) {
        return switch (StateJson.asked(() -> sessions.write(key(request), write))) {
            case SessionAnswer.Changed(long version) ->
                AdminResponse.json(200, Map.of("changed", true, "version", version));
            case SessionAnswer.Unexpected(long version) ->
                AdminResponse.json(200, Map.of("changed", false, "version", version));
        };
    }

    private static SessionWrite change(JsonNode body) {
        OptionalLong ttl = StateJson.number(body, "ttl_ms");
        Optional<Duration> ends = ttl.isPresent() ? Optional.of(Duration.ofMillis(ttl.getAsLong())) : Optional.empty();
        var settings = new HashMap<String, Setting>();
        StateJson.values(body.path("settings")).forEach((name, value) -> settings.put(name, new Setting(value, ends)));
        return new SessionWrite(
                StateJson.number(body, "expected_version"),
                false,
                body.path("actions").valueStream().map(StateJson::value).toList(),
                settings,
                Set.copyOf(StateJson.texts(body.path("remove"))),
                body.path("history").valueStream().map(StateJson::value).toList());
    }

    private static Map<String, Object> shown(Session session) {
        var settings = new LinkedHashMap<String, Object>();
        session.settings().forEach((name, setting) -> {
            var json = new LinkedHashMap<String, Object>();
            json.put("value", StateJson.shown(setting.value()));
            json.put("ends", setting.ends().map(Instant::toString).orElse(null));
            settings.put(name, json);
        });
        var json = new LinkedHashMap<String, Object>();
        json.put("version", session.version());
        json.put("actions", shown(session.actions()));
        json.put("settings", settings);
        json.put("history", shown(session.history()));
        return json;
    }

    private static List<Map<String, Object>> shown(List<Session.Entry> entries) {
        return entries.stream()
                .map(entry -> Map.<String, Object>of(
                        "value",
                        StateJson.shown(entry.value()),
                        "at",
                        entry.at().toString()))
                .toList();
    }

    private static SessionKey key(AdminRequest request) {
        return new SessionKey(new BotId(request.get(BOT)), request.get(USER));
    }
}
