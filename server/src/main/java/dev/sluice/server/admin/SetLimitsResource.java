package dev.sluice.server.admin;

import dev.sluice.limit.TelegramLimits;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.bots.Bots;
import dev.sluice.server.bots.LimitsChange;
import dev.sluice.server.bots.SetLimits;
import dev.sluice.server.bots.SetLimitsJson;
import dev.sluice.telegram.BotId;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Sets a bot's limits while it runs, registered or not. */
public final class SetLimitsResource implements Resource {
    private static final ProblemKind FULL = new ProblemKind(409, "too-many-bots", "Limits of too many bots are set");
    private static final String PATH = "/v1/bots/{bot}/limits";
    private static final String HEARD = " Every replica goes by it within a second, also for what waits.";
    private static final Shape SHOWN =
            Fields.of(Field.required("holds", BindingLimitsJson.SHOWN, "What holds now, and where it comes from."));

    private final Bots bots;
    private final TelegramLimits settings;

    /** @param settings what holds where nothing is set */
    public SetLimitsResource(Bots bots, TelegramLimits settings) {
        this.bots = bots;
        this.settings = settings;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.put(
                                PATH,
                                "setBotLimits",
                                "Sets limits of a bot; what is not given is as the settings say." + HEARD)
                        .with(MessageJson.BOT)
                        .takes(BindingLimitsJson.GIVEN)
                        .answers(200, "What holds now.", SHOWN)
                        .refuses(FULL, BotsResource.CONTENDED, ProblemKind.STORE)
                        .by(request -> change(request, now -> SetLimits.NONE)),
                Operation.patch(
                                PATH,
                                "changeBotLimits",
                                "Changes which limits of a bot are set (JSON merge patch, RFC 7396)." + HEARD)
                        .with(MessageJson.BOT)
                        .takes(BindingLimitsJson.GIVEN)
                        .answers(200, "What holds now.", SHOWN)
                        .refuses(FULL, BotsResource.CONTENDED, ProblemKind.STORE)
                        .by(request -> change(request, now -> now)),
                Operation.delete(PATH, "unsetBotLimits", "Lets all limits of a bot be as the settings say." + HEARD)
                        .with(MessageJson.BOT)
                        .answers(200, "What holds now.", SHOWN)
                        .refuses(BotsResource.CONTENDED, ProblemKind.STORE)
                        .by(request -> answer(bots.changeLimits(bot(request), now -> SetLimits.NONE))));
    }

    /** @param from what the body changes of what is set */
    private AdminResponse change(AdminRequest request, UnaryOperator<SetLimits> from) {
        try {
            return answer(
                    bots.changeLimits(bot(request), now -> SetLimitsJson.patched(from.apply(now), request.body())));
        } catch (SetLimitsJson.WrongLimitException e) {
            throw Problem.malformed(List.of(new Violation("/" + e.scope(), String.valueOf(e.getMessage()))))
                    .asRefusal();
        }
    }

    private AdminResponse answer(LimitsChange change) {
        return switch (change) {
            case LimitsChange.Done(SetLimits set) ->
                AdminResponse.json(200, Map.of("holds", BindingLimitsJson.shown(settings, set)));
            case LimitsChange.Contended() ->
                throw Problem.of(BotsResource.CONTENDED, "nothing was changed; try again")
                        .asRefusal();
            case LimitsChange.Full(int most) ->
                throw Problem.of(FULL, "there may be " + most).asRefusal();
        };
    }

    private static BotId bot(AdminRequest request) {
        return new BotId(request.get(MessageJson.BOT));
    }
}
