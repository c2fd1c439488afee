/* SPDX-License-Identifier: Apache-2.0 */
#include "hostile.h"

const hostile_list *const hostile_lists[] = {
    &hostile_bytes, &hostile_shape, &hostile_wrap, &hostile_key, &hostile_rest, &hostile_good, NULL,
};
