/* null: every request is done the moment it arrives, and no byte is touched. What it measures is the
 * instrument: the engine, its queues and its callbacks. It is also the driver to copy when writing
 * another: every function of driver.h is here, except poll, which only a driver needs that returns
 * BS_QUEUED. */
#include "driver.h"

/* What a result says was measured. What a user wrote after the colon of the backend's name arrives as `setting`: a
 * line for each option of the driver's table that was given (bs_setting_text() reads one). This driver has no
 * table, so a user who writes "null:something" is told so before it is asked. */
static int null_version(const char *setting, char *text, size_t text_size)
{
    (void)setting;
    return bs_say(text, text_size, 0, "null driver");
}

/* A driver that cannot serve everything looks at the params here and says which one it cannot. */
static int null_probe(const bs_params *params, char *text, size_t text_size)
{
    (void)params;
    (void)text;
    (void)text_size;
    return BS_PREFER_SOFTWARE;
}

/* `session` is session_size zeroed bytes, the driver's until freesession. Keys are copied here,
 * contexts made, devices opened: whatever process would otherwise have to do for every request. */
static int null_newsession(void *session, const bs_params *params, char *text, size_t text_size)
{
    (void)session;
    (void)params;
    (void)text;
    (void)text_size;
    return 0;
}

/* The hot path. The verdict on the request goes into its status; the outcome only says who holds it. */
static enum bs_outcome null_process(void *session, bs_request *request, unsigned hints)
{
    (void)session;
    (void)hints; /* a driver with a doorbell would hold it back on BS_HINT_MORE */
    request->status = 0;
    return BS_COMPLETED;
}

/* Gives back what newsession took, except `session` itself, which is the engine's. */
static void null_freesession(void *session)
{
    (void)session;
}

const struct bs_driver bs_null_driver = {
    .name = "null",
    .backend = "null",
    .about = "does nothing: what the instrument itself costs",
    .names = "",
    .flags = BS_FLAG_SYNC | BS_FLAG_ORDERED | BS_FLAG_NOP,
    .session_size = 0,
    .version = null_version,
    .probe = null_probe,
    .newsession = null_newsession,
    .process = null_process,
    .freesession = null_freesession,
};
