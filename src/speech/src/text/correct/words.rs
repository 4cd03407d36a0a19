//! Ordinary words that sound like parts of terms.

/// Words of two characters that stay even where a term sounds the same, or reaches into them.
const COMMON: &str = "事业 实业 视野 工商 诗词 市里 失业 就是 就业 公事 公式 攻势 工时 公认 工人 工资 公司 工伤 公共 \
    公告 认定 人定 认真 认识 任何 任务 人员 人士 保险 保鲜 保障 包含 保证 报到 报道 报告 报销 暴露 补贴 补充 步骤 部分 部门 参加 参观 \
    餐饮 残疾 惭愧 财产 材料 才能 采取 彩票 中彩 裁员 裁缝 仲裁 中午 终于 重要 种类 社会 设备 设置 涉及 设计 摄影 射击 社区 身份 \
    身体 申请 深情 神情 生活 生意 升级 省级 生病 声明 说明 时间 世界 实践 事件 实现 事先 视线 实际 世纪 事实 实施 适合 试用 使用 适用 食用 \
    合同 核实 何时 合适 合法 河道 银行 因为 应为 影响 印象 养老 赡养 抚养 扶养 转移 专业 转业 专一 缴费 交费 交给 交通 交代 \
    解除 接触 姐妹 街道 接到 借到 劳动 老婆 老板 老师 劳驾 离开 理由 利用 历史 立即 待遇 带鱼 代理 代办 贷款 单位 担任 但是 当时 \
    登记 等级 登机 等于 地方 地址 抵制 地区 第一 电话 定期 订单 关系 关于 管理 官网 过来 过去 国家 规定 贵姓 柜台 年龄 年底 \
    你好 您好 年检 您的 哪里 那里 现在 先在 相关 想法 享受 想要 像是 需要 许可 序号 续费 学历 学习 需求 选择 一般 一半 医保 医院 \
    意愿 异地 已经 一经 以及 一级 义务 业务 有限 有关 有效 友情 有些 余额 预约 遇到 于是 遇见 员工 原因 元音 远程 政策 证明 \
    争议 正义 正式 正是 证实 知道 指导 职业 执业 直接 之间 只有 职称 支撑 之称 自己 字迹 资金 自主 资助 总是 最低 最后 作为 做完 办理 \
    帮忙 办法 档案 当然 方便 份额 分娩 富裕 服务 付款 福利 夫妻 负责 复杂 辅助 妇女 附近 技能 机能 基本 基数 技术 奇数 记住 计数 \
    计算 结算 金额 进行 进入 近日 今日 经济 竞技 经纪 精力 经历 经常 经过 局里 距离 拒绝 决定 遗属 艺术 遗失 仪式 意识 遗书 \
    监察 检查 检察 建档 简单 减少 健康 津贴 今天 今年 金钱 创业 窗口 创新 退休 退回 推荐 体检 提交 条件 条款 条例 挑战 统筹 \
    同意 通知 同志 通过 投诉 图书 突然 完成 晚上 网上 往上 违法 危险 维修 为了 未来 位置 文件 稳健 问题 我们 物品 无法 误解 新闻 心情";

static WORDS: std::sync::LazyLock<std::collections::HashSet<[char; 2]>> = std::sync::LazyLock::new(|| {
    COMMON
        .split_whitespace()
        .filter_map(|word| {
            let mut chars = word.chars();
            Some([chars.next()?, chars.next()?])
        })
        .collect()
});

/// Whether the two characters are an ordinary word.
pub(super) fn is_common(pair: [char; 2]) -> bool {
    WORDS.contains(&pair)
}

/// Small words and numerals, which are hardly ever a misheard part of a term; in longer terms a few
/// of them may be.
pub(super) fn is_function(c: char, term_len: usize) -> bool {
    "的了吗呢吧啊么零一二两三四五六七八九十百千万".contains(c)
        || (term_len <= 4 && "是在我你您他她它们不有就要也都这那和个到去来说请把被给对上下没还想会能很".contains(c))
}
