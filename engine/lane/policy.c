/* SPDX-License-Identifier: Apache-2.0 */
#include "lane/policy.h"

#include <assert.h>
#include <kouan/error.h>
#include <kouan/log.h>

#define MINUTE_US 60000000LL

typedef enum remedy {
    UP,      /* the error goes up: pause, leave or stop, as its outcome says */
    LEAVE,   /* doubt: the ordinary start decides */
    HALVE,   /* each half by itself */
    SINGLES, /* each message by itself */
    PARK     /* this message is the reason */
} remedy;

/* After `tries` further tries as it is: what with several messages, what with one alone.  Infrastructure
 * never parks: RECONNECT, PAUSE and a statement that takes too long even alone go up. */
static const struct {
    int tries;
    remedy many, alone;
} rows[] = {
    [KN_TODO_RECONNECT] = { 0, UP, UP },   [KN_TODO_AGAIN] = { 50, LEAVE, LEAVE },
    [KN_TODO_RACE] = { 3, SINGLES, PARK }, [KN_TODO_HALVE] = { 0, HALVE, UP },
    [KN_TODO_PAUSE] = { 0, UP, UP },       [KN_TODO_SINGLES] = { 0, SINGLES, PARK },
    [KN_TODO_STOP] = { 0, UP, UP },
};
static_assert(G_N_ELEMENTS(rows) == KN_TODO_STOP + 1, "one row for each thing to do");

static bool settle(const kn_policy_ops *ops, size_t at, size_t n, GError **err);

/* Attempts of one stretch as it is.  false: *todo is what ended it. */
static bool
try_whole(const kn_policy_ops *ops, size_t at, size_t n, kn_store_todo *todo, GError **err)
{
    int tries[G_N_ELEMENTS(rows)] = { 0 };

    for (int all = 1;; all++) {
        g_clear_error(err);
        *todo = KN_TODO_STOP;
        if (ops->attempt(ops->arg, at, n, todo, err))
            return true;
        if (tries[*todo]++ >= rows[*todo].tries)
            return false;
        ops->rest(ops->arg, all);
    }
}

static bool
singles(const kn_policy_ops *ops, size_t at, size_t n, GError **err)
{
    for (size_t i = 0; i < n; i++)
        if (!settle(ops, at + i, 1, err))
            return false;
    return true;
}

static bool
park(const kn_policy_ops *ops, size_t at, GError **err)
{
    g_autoptr(GError) why = g_steal_pointer(err);

    return ops->park(ops->arg, at, why->message, err);
}

static bool
settle(const kn_policy_ops *ops, size_t at, size_t n, GError **err)
{
    g_autoptr(GError) why = NULL;
    kn_store_todo todo;
    remedy r;

    if (try_whole(ops, at, n, &todo, &why))
        return true;
    r = n > 1 ? rows[todo].many : rows[todo].alone;
    if (r == SINGLES)
        return singles(ops, at, n, err);
    if (r == HALVE) {
        kn_warn("batch takes too long, halved", KN_INT("messages", n), KN_STR("why", why->message));
        return settle(ops, at, n / 2, err) && settle(ops, at + n / 2, n - n / 2, err);
    }
    if (r == LEAVE)
        return kn_fail(err, KN_E_POSITION_MOVED, "%d tries of one batch: %s", rows[todo].tries,
                       why->message);
    g_propagate_error(err, g_steal_pointer(&why));
    return r == PARK && park(ops, at, err);
}

bool
kn_policy_settle(const kn_policy_ops *ops, size_t n, GError **err)
{
    g_autoptr(GError) why = NULL;

    if (n == 0 || settle(ops, 0, n, &why))
        return true;
    g_propagate_error(err, g_steal_pointer(&why));
    return false;
}

bool
kn_rate_note(kn_rate *rate, int64_t now_us, bool parked)
{
    if (now_us - rate->since_us >= MINUTE_US)
        *rate = (kn_rate){ .since_us = now_us };
    rate->messages++;
    rate->parked += parked;
    return rate->parked > KN_RATE_PARKED
           || (rate->messages >= KN_RATE_MESSAGES
               && rate->parked * 100 > rate->messages * KN_RATE_PERCENT);
}
