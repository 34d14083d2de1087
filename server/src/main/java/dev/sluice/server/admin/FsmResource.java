package dev.sluice.server.admin;

import dev.sluice.fsm.Conversation;
import dev.sluice.fsm.ConversationKey;
import dev.sluice.fsm.FsmAnswer;
import dev.sluice.fsm.FsmStorage;
import dev.sluice.fsm.FsmWrite;
import dev.sluice.fsm.StateTerm;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.AnyValue;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.Flag;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.state.JsonValue;
import dev.sluice.telegram.BotId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Conversations for bots in any language: all that the storage of a bot framework needs.
 *
 * <p>That a conversation stands otherwise than expected is an answer and no error of the request, so it is 200, too.
 */
public final class FsmResource implements Resource {
    private static final ProblemKind OVERTAKEN =
            new ProblemKind(409, "fence-overtaken", "Somebody with a greater fence was there");

    private static final String PATH = "/v1/fsm/{bot}/{chat}/{user}";
    private static final long GREATEST = ConversationKey.GREATEST_ID;

    private static final Parameter<Long> BOT = Parameter.pathNumber("bot", 1, Long.MAX_VALUE, "The bot's id.");
    private static final Parameter<Long> CHAT = Parameter.pathNumber(
            "chat", -GREATEST, GREATEST, "The chat's id; the user's, if one state holds in all chats.");
    private static final Parameter<Long> USER = Parameter.pathNumber(
            "user", -GREATEST, GREATEST, "The user's id; the chat's, if one state holds for all users.");
    private static final Parameter<Long> THREAD =
            Parameter.queryNumber("thread", 0, GREATEST, 0, "A topic of a forum; 0, for none, unless given.");
    private static final FreeText DESTINY_FORM = new FreeText(1, ConversationKey.LONGEST_DESTINY, false);
    private static final Parameter<String> DESTINY = Parameter.query(
            "destiny",
            DESTINY_FORM,
            DESTINY_FORM.accepts(),
            FsmResource::destiny,
            ConversationKey.DEFAULT_DESTINY,
            "Tells several conversations in one place apart; default unless given.");

    private static final Shape STATE = new OrNull(Text.matching(StateTerm.FORM));
    private static final Shape DATA = StateJson.fields(new AnyValue(), FsmStorage.MOST_FIELDS);
    private static final Field EXPECTED_STATE =
            Field.optional("expected_state", STATE, "Only if it has this state; null: none.");
    private static final Field EXPECTED_VERSION = Field.optional(
            "expected_version", StateJson.VERSION, "Only if nobody has changed it since; 0: only if nothing is known.");
    private static final Field FENCE = Field.optional(
            "fence",
            new Whole(1, GREATEST),
            "Of the lock under which it is written: lesser ones are refused from then on.");

    private static final Shape CONVERSATION = new Named(
            "Conversation",
            Fields.of(
                    Field.required("version", StateJson.VERSION, "Greater after each change; 0 if nothing is known."),
                    Field.required("state", STATE, "Null for none."),
                    Field.required("data", DATA, "As they were put.")));
    private static final Shape WRITTEN = new Named(
            "ConversationWrite",
            Fields.of(
                    Field.required("changed", new Flag(), "Whether it was as expected, and the write is done."),
                    Field.required("version", StateJson.VERSION, "As it is now."),
                    Field.required("state", STATE, "Before the write; if that was not done, as it is.")));

    private final FsmStorage storage;

    public FsmResource(FsmStorage storage) {
        this.storage = storage;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get(PATH, "getConversation", "Shows where a conversation is, and touches it.")
                        .asGuard()
                        .with(BOT, CHAT, USER, THREAD, DESTINY)
                        .answers(200, "Where it is.", CONVERSATION)
                        .refuses(ProblemKind.STORE, StateJson.UNREADABLE)
                        .by(request ->
                                AdminResponse.json(200, shown(StateJson.asked(() -> storage.find(key(request)))))),
                Operation.patch(PATH, "changeConversation", "Changes state and data in one step, if it is as expected.")
                        .asGuard()
                        .with(BOT, CHAT, USER, THREAD, DESTINY)
                        .takes(Fields.of(
                                Field.optional(
                                        "state", STATE, "The state that it has then; null: none. Stays unless given."),
                                Field.optional("data", DATA, "Is put beside what is there."),
                                Field.optional(
                                        "replace",
                                        new Flag(),
                                        "Whether data, which must be given then, is all that is there."),
                                Field.optional(
                                        "remove",
                                        StateJson.names(FsmStorage.MOST_FIELDS),
                                        "Names of data that go; those that are not there do no harm."),
                                EXPECTED_STATE,
                                EXPECTED_VERSION,
                                FENCE))
                        .answers(200, "Whether it was changed.", WRITTEN)
                        .refuses(ProblemKind.STORE, OVERTAKEN, StateJson.TOO_MUCH, StateJson.FULL)
                        .by(request -> written(request, StateJson.read(() -> change(request.body())))),
                Operation.delete(PATH, "clearConversation", "Neither state nor data afterwards, if it is as expected.")
                        .asGuard()
                        .with(BOT, CHAT, USER, THREAD, DESTINY)
                        .mayTake(Fields.of(EXPECTED_STATE, EXPECTED_VERSION, FENCE))
                        .answers(200, "Whether it was cleared.", WRITTEN)
                        .refuses(ProblemKind.STORE, OVERTAKEN, StateJson.FULL)
                        .by(request -> written(request, conditions(FsmWrite.CLEAR, request.body()))));
    }

    private AdminResponse written(AdminRequest request, FsmWrite write) {
        return switch (StateJson.asked(() -> storage.write(key(request), write))) {
            case FsmAnswer.Changed(long version, Optional<String> before) -> written(true, version, before);
            case FsmAnswer.Unexpected(long version, Optional<String> state) -> written(false, version, state);
            case FsmAnswer.Overtaken(long fence) ->
                throw Problem.of(OVERTAKEN, "the lock was lost: stop").asRefusal();
        };
    }

    private static FsmWrite change(JsonNode body) {
        if (body.path("replace").asBoolean(false) && !body.has("data")) {
            // Most likely it was left out by mistake, and all that is there would be lost.
            throw Problem.malformed(List.of(new Violation("/replace", "needs data, {} for none")))
                    .asRefusal();
        }
        FsmWrite write =
                FsmWrite.NOTHING.remove(StateJson.texts(body.path("remove")).toArray(String[]::new));
        Map<String, JsonValue> data = StateJson.values(body.path("data"));
        write = body.path("replace").asBoolean(false) ? write.replacing(data) : write.put(data);
        return conditions(body.has("state") ? write.to(term(body.path("state"))) : write, body);
    }

    private static FsmWrite conditions(FsmWrite write, JsonNode body) {
        FsmWrite asked = write;
        if (body.has("expected_state")) {
            asked = asked.ifState(term(body.path("expected_state")));
        }
        if (body.has("expected_version")) {
            asked = asked.ifVersion(body.path("expected_version").asLong());
        }
        return body.has("fence") ? asked.underFence(body.path("fence").asLong()) : asked;
    }

    private static StateTerm term(JsonNode state) {
        return state.isNull() ? StateTerm.NONE : StateTerm.named(state.asString());
    }

    private static Map<String, Object> shown(Conversation conversation) {
        var data = new LinkedHashMap<String, Object>();
        conversation.data().forEach((name, value) -> data.put(name, StateJson.shown(value)));
        var json = new LinkedHashMap<String, Object>();
        json.put("version", conversation.version());
        json.put("state", conversation.state().orElse(null));
        json.put("data", data);
        return json;
    }

    private static AdminResponse written(boolean changed, long version, Optional<String> state) {
        var json = new LinkedHashMap<String, Object>();
        json.put("changed", changed);
        json.put("version", version);
        json.put("state", state.orElse(null));
        return AdminResponse.json(200, json);
    }

    private static ConversationKey key(AdminRequest request) {
        return new ConversationKey(
                new BotId(request.get(BOT)),
                request.get(CHAT),
                request.get(USER),
                request.get(THREAD),
                request.get(DESTINY));
    }

    private static String destiny(String text) {
        if (!DESTINY_FORM.fits(text)) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
