package dev.sluice.server.admin;

import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.bots.Bot;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.Change;
import dev.sluice.server.bots.OwnRules;
import dev.sluice.server.bots.RulesJson;
import dev.sluice.telegram.BotId;
import dev.sluice.telegram.BotToken;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The registered bots. Tokens go in and never come out. */
public final class BotsResource implements Resource {
    private static final ProblemKind EXISTS = new ProblemKind(409, "bot-exists", "The bot is registered already");
    private static final ProblemKind MISSING = new ProblemKind(404, "bot-unknown", "No such bot is registered");
    static final ProblemKind CONTENDED = new ProblemKind(409, "contended", "Others kept changing the same bot");
    private static final ProblemKind FULL = new ProblemKind(409, "too-many-bots", "There is no room for more bots");
    private static final ProblemKind INVALID =
            new ProblemKind(422, "token-invalid", "Telegram does not know this token");
    private static final ProblemKind OTHER = new ProblemKind(422, "token-of-another-bot", "The token is another bot's");
    private static final ProblemKind UNCONFIRMED =
            new ProblemKind(503, "token-unconfirmed", "Telegram could not be asked about the token");

    private static final Parameter<Long> BOT =
            Parameter.pathNumber("bot", 1, 9_999_999_999_999_999L, "The bot's id: its token's part before the colon.");

    private static final Shape TOKEN = Text.secret(BotToken.FORM);
    private static final Shape RULES = BotRulesShape.SHOWN;
    private static final Shape OWN_RULES = BotRulesShape.CHANGE;
    private static final Shape SHOWN = new Shape.Named(
            "Bot",
            Fields.of(
                    Field.required("id", BOT.shape(), BOT.description()),
                    Field.required("username", Text.any(), "As Telegram gave it when the token was confirmed."),
                    Field.required("rules", RULES, "What holds for it, by its registration and the settings."),
                    Field.required("added", Text.time(), "When it was registered."),
                    Field.required("token_since", Text.time(), "When its present token was confirmed."),
                    Field.required(
                            "token_readable",
                            new Shape.Flag(),
                            "Whether the key is known that its token was encrypted with; if not, rotate it.")));

    private final Bots bots;

    public BotsResource(Bots bots) {
        this.bots = bots;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/v1/bots", "listBots", "Lists the registered bots by their ids.")
                        .with(Paging.LIMIT, Paging.CURSOR)
                        .answers(
                                200,
                                "A page.",
                                Fields.of(
                                        Field.required("bots", new ListOf(SHOWN, 200), "In the order of their ids."),
                                        Paging.NEXT))
                        .refuses(ProblemKind.STORE)
                        .by(this::list),
                Operation.post("/v1/bots", "addBot", "Registers a bot, once Telegram has confirmed its token.")
                        .takes(Fields.of(
                                Field.required("token", TOKEN, "Its token."),
                                Field.optional("rules", OWN_RULES, "Where it is to differ from the settings.")))
                        .answers(201, "It is registered.", SHOWN)
                        .refuses(EXISTS, FULL, INVALID, UNCONFIRMED, ProblemKind.STORE)
                        .by(this::add),
                Operation.get("/v1/bots/{bot}", "getBot", "Shows a bot.")
                        .with(BOT)
                        .answers(200, "The bot.", SHOWN)
                        .refuses(MISSING, ProblemKind.STORE)
                        .by(this::show),
                Operation.patch("/v1/bots/{bot}", "changeBot", "Changes a bot's rules (JSON merge patch, RFC 7396).")
                        .with(BOT)
                        .takes(Fields.of(Field.required("rules", OWN_RULES, "What is to change; the rest stays.")))
                        .answers(200, "The bot as it is now.", SHOWN)
                        .refuses(MISSING, CONTENDED, ProblemKind.STORE)
                        .by(this::change),
                Operation.post(
                                "/v1/bots/{bot}/rotate",
                                "rotateBot",
                                "Puts a new token of the same bot in the old one's place, once Telegram has confirmed it.")
                        .with(BOT)
                        .takes(Fields.of(Field.required("token", TOKEN, "The new token.")))
                        .answers(200, "The bot as it is now.", SHOWN)
                        .refuses(MISSING, CONTENDED, INVALID, OTHER, UNCONFIRMED, ProblemKind.STORE)
                        .by(this::rotate),
                Operation.delete("/v1/bots/{bot}", "removeBot", "Removes a bot and its token.")
                        .with(BOT)
                        .answers(204, "It is gone.")
                        .refuses(MISSING, CONTENDED, ProblemKind.STORE)
                        .by(this::remove));
    }

    private AdminResponse list(AdminRequest request) {
        int limit = Math.toIntExact(request.get(Paging.LIMIT));
        // One more than wanted tells whether there is a next page.
        var found = bots.list(request.get(Paging.CURSOR), limit + 1);
        var page = found.subList(0, Math.min(limit, found.size()));
        var json = new LinkedHashMap<String, Object>();
        json.put("bots", page.stream().map(BotsResource::json).toList());
        json.put(
                "next_cursor",
                found.size() > limit ? Paging.after(page.getLast().id().value()) : null);
        return AdminResponse.json(200, json);
    }

    private AdminResponse show(AdminRequest request) {
        return bots.find(bot(request))
                .map(bot -> AdminResponse.json(200, json(bot)))
                .orElseThrow(() -> missing().asRefusal());
    }

    private AdminResponse add(AdminRequest request) {
        var rules = RulesJson.patched(OwnRules.NONE, request.body().path("rules"));
        return answer(
                bots.add(token(request), rules),
                bot -> AdminResponse.json(201, json(bot)).at("/v1/bots/" + bot.id()));
    }

    private AdminResponse change(AdminRequest request) {
        return shown(bots.changeRules(
                bot(request), now -> RulesJson.patched(now, request.body().path("rules"))));
    }

    private AdminResponse rotate(AdminRequest request) {
        return shown(bots.rotate(bot(request), token(request)));
    }

    private AdminResponse remove(AdminRequest request) {
        return answer(bots.remove(bot(request)), bot -> AdminResponse.noContent());
    }

    private static AdminResponse shown(Change change) {
        return answer(change, bot -> AdminResponse.json(200, json(bot)));
    }

    private static AdminResponse answer(Change change, Function<Bot, AdminResponse> done) {
        return switch (change) {
            case Change.Done(Bot bot) -> done.apply(bot);
            case Change.Exists() ->
                throw Problem.of(EXISTS, "rotate gives it a new token").asRefusal();
            case Change.Missing() -> throw missing().asRefusal();
            case Change.InvalidToken() ->
                throw Problem.of(INVALID, "it was mistyped or revoked; nothing was changed")
                        .asRefusal();
            case Change.OtherBotsToken() ->
                throw Problem.of(OTHER, "a token begins with its bot's id; nothing was changed")
                        .asRefusal();
            case Change.Unconfirmed(String why, Duration retryAfter) ->
                throw Problem.of(UNCONFIRMED, why + "; nothing was changed")
                        .retryAfter(retryAfter)
                        .asRefusal();
            case Change.Contended() ->
                throw Problem.of(CONTENDED, "nothing was changed; try again").asRefusal();
            case Change.Full(int most) ->
                throw Problem.of(FULL, "there may be " + most).asRefusal();
        };
    }

    private static Problem missing() {
        return Problem.of(MISSING, "GET /v1/bots lists those that are");
    }

    private static BotId bot(AdminRequest request) {
        return new BotId(request.get(BOT));
    }

    private static BotToken token(AdminRequest request) {
        return BotToken.parse(request.body().path("token").asString()).orElseThrow();
    }

    private static Map<String, Object> json(Bot bot) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", bot.id().value());
        json.put("username", bot.username());
        json.put("rules", RulesJson.write(bot.rules()));
        json.put("added", bot.added().toString());
        json.put("token_since", bot.tokenSince().toString());
        json.put("token_readable", bot.tokenReadable());
        return json;
    }
}
